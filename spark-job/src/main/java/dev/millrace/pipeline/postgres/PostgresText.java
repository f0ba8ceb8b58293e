package dev.millrace.pipeline.postgres;

/** Names and texts as Postgres' SQL spells them. */
final class PostgresText {

  private PostgresText() {}

  static String text(String value) {
    return "'" + value.replace("'", "''") + "'";
  }

  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
