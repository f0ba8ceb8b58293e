package dev.millrace.event;

import java.util.List;
import org.apache.spark.sql.Row;

/**
 * What is known of a micro-batch once it was decoded.
 *
 * @param unknownFields names of the rows' fields that the table does not declare, each once, in
 *     order
 */
public record DecodeMetrics(DecodeCounts counts, List<String> unknownFields) {

  public DecodeMetrics {
    unknownFields = List.copyOf(unknownFields);
  }

  /** Reads observed metrics. */
  public static DecodeMetrics of(Row observed) {
    return new DecodeMetrics(DecodeCounts.of(observed::getAs), UnknownFields.of(observed));
  }
}
