package dev.millrace.sql;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;

/** Columns of a dataset by their names. */
public final class Columns {

  private Columns() {}

  /** The column of exactly that name, in which a dot or a backquote means nothing else. */
  public static Column named(String name) {
    return functions.col("`" + name.replace("`", "``") + "`");
  }
}
