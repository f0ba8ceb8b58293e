package dev.millrace.error;

import java.util.List;

/** The part of the catalogue for SQL over the rows of a table that can't be kept as a view. */
public final class ViewErrors {

  private ViewErrors() {}

  /** A clause that a view can't have. */
  public static UserException unsupported(String place, String clause, String alternative) {
    return RunErrors.wrongInput(
        String.format("%s: %s is not supported in a view. %s", place, clause, alternative));
  }

  /** SQL that reads something else than the table. */
  public static UserException withoutTable(String place, String table) {
    return RunErrors.wrongInput(
        String.format(
            "%s: the SQL does not read the table '%s'. Expected a query: SELECT ... FROM %s.",
            place, table, table));
  }

  /** An expression whose value depends on more than the row. */
  public static UserException notAFunctionOfTheRow(String place, String expression) {
    return RunErrors.wrongInput(
        String.format(
            "%s: %s does not depend on the table alone, so a view can't keep its value. Use a"
                + " column, for example the time of the change in the source.",
            place, expression));
  }

  /** A grouping expression that the result lacks. */
  public static UserException groupNotInResult(
      String place, String expression, List<String> columns) {
    return RunErrors.wrongInput(
        String.format(
            "%s: the result lacks the grouping expression %s, and a group is known by it. Add it to"
                + " the SELECT list, which has %s.",
            place, expression, String.join(", ", columns)));
  }

  /** A keyed sink for rows that have no key. */
  public static UserException keyNotSelected(String place, String sink, List<String> key) {
    return RunErrors.wrongInput(
        String.format(
            "%s: the sink %s stores rows by their key, and the result lacks a column of the table's"
                + " key. Add %s to the SELECT list.",
            place, sink, String.join(", ", key)));
  }

  /** A topic that a view shares with another output. */
  public static UserException sharedTopic(String place, String topic, String other) {
    return RunErrors.wrongInput(
        String.format(
            "%s: the topic '%s' is that of the output '%s', too. A view needs a compacted topic of its"
                + " own: write {output} in sinks.kafka.topic.",
            place, topic, other));
  }

  /** Two columns of a view's result with one name. */
  public static UserException ambiguousColumn(String place, String column) {
    return RunErrors.wrongInput(
        String.format(
            "%s: the result has two columns named '%s'. Name one of them with AS.", place, column));
  }
}
