package dev.millrace.sink;

import java.util.Optional;
import java.util.OptionalLong;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Reads back the rows of a view that its sink holds. Writes nothing; driver only. */
public interface SinkReader {

  /**
   * What any reader finds in the sink.
   *
   * @param rows of the view, with the columns of its result
   * @param batch the last batch that they stem from; empty where the sink does not tell
   */
  record Held(Dataset<Row> rows, OptionalLong batch) {}

  /**
   * The rows of one moment.
   *
   * @param result the columns of the view's result
   * @return empty where the sink was written to meanwhile, so that no moment could be read
   * @throws dev.millrace.error.UserException where the sink can't be read
   */
  Optional<Held> read(SparkSession session, StructType result) throws InterruptedException;

  /** Rows of the view as the sink stores them: it may keep times less exactly, say. */
  default Dataset<Row> stored(Dataset<Row> rows) {
    return rows;
  }
}
