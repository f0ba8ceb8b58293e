package dev.millrace.config;

/** A format of files that are read. */
public enum FileFormat {
  /** Lines of values, the first one with the columns' names. */
  CSV,
  /** A JSON object a line. */
  JSON,
  PARQUET,
  ORC,
  /** Lines of UTF-8, each a row of one column. */
  TEXT;

  /** The name by which pipeline files choose it, and Spark's. */
  public String spelling() {
    return Values.spelling(this);
  }

  /** Whether its rows are lines of text, typed by what the table declares. */
  public boolean isDecoded() {
    return this == CSV || this == JSON;
  }
}
