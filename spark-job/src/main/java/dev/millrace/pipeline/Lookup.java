package dev.millrace.pipeline;

import dev.millrace.event.Relation;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The static side of a join. Driver only, safe for use by several queries at once. */
interface Lookup {

  /** What SQL sees of it. */
  Relation relation();

  /**
   * Its rows as they are now, to be used by a query of this session; not read again where nothing
   * has changed.
   *
   * @throws dev.millrace.error.UserException where it can't be read and has never been
   */
  Dataset<Row> rows(SparkSession session);
}
