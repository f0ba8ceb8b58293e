package dev.millrace.error;

/**
 * Something in Postgres because of which a table's changes are incomplete or mean something else
 * than the pipeline takes them for.
 *
 * @param isWrongData whether values would be delivered that Postgres never held; else changes or
 *     values are missing
 * @param where the table, column, publication or slot
 * @param what is the matter, and what it results in
 */
public record PostgresFinding(
    boolean isWrongData, String where, String what, String expected, String fix) {

  /** In one line: where, what, what was expected, how to fix it. */
  @Override
  public String toString() {
    return "%s: %s Expected %s. %s".formatted(where, what, expected, fix);
  }
}
