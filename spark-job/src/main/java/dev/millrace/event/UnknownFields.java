package dev.millrace.event;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;

/** The fields of a micro-batch's rows that the table does not declare. */
public final class UnknownFields {

  /** Name of the observed metric that holds their names. */
  public static final String NAME = "unknownFields";

  private UnknownFields() {}

  /** Reads the names from observed metrics: each once, in order; none where they hold no names. */
  public static List<String> of(Row metrics) {
    int index = Arrays.asList(metrics.schema().fieldNames()).indexOf(NAME);
    return index < 0 ? List.of() : List.copyOf(metrics.getList(index));
  }
}
