package dev.millrace.pipeline.lookup;

import dev.millrace.event.Relation;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/** The static side of a join. Driver only, safe for use by several queries at once. */
public interface Lookup {

  /** What SQL sees of it. */
  Relation relation();

  /**
   * Its rows as they are now; the same list where they have not been read again.
   *
   * @throws dev.millrace.error.UserException where it can't be read and has never been
   */
  List<Row> current(SparkSession session);

  /** The same rows, to be used by a query of this session. */
  default Dataset<Row> rows(SparkSession session) {
    return functions.broadcast(session.createDataFrame(current(session), relation().columns()));
  }
}
