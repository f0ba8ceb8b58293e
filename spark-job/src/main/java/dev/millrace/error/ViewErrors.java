package dev.millrace.error;

import java.util.List;

/** The part of the catalogue for SQL over the rows of a table that can't be kept as a view. */
public final class ViewErrors {

  private ViewErrors() {}

  /** A dead letter of a view begins with this; then come the row or group, and the reason. */
  public static String failedExpressionBefore(String view) {
    return "View " + view + " can't compute the ";
  }

  /** How it ends. */
  public static String failedExpressionAfter() {
    return ". It is left out of the view until it changes. Correct it in the source, or guard the"
        + " expression in the SQL (try_divide, try_cast, CASE).";
  }

  /** Why a row is left out of a view: rows of a lookup that a key does not tell apart. */
  public static String sameKey(int rows, List<String> key) {
    return String.format(
        "it makes %d rows of the result, and two of them have the same key (%s). Name the columns that"
            + " tell them apart in the output's 'key', or correct the lookup or the SQL",
        rows, String.join(", ", key));
  }

  /** A dead letter: a replayed change of a key that may have been deleted and forgotten. */
  public static String tooOld(String table) {
    return "The replayed change is older than the deleted keys of "
        + table
        + " that are remembered, and was not applied. Raise state.tombstone-retention before you"
        + " replay it.";
  }

  /** A dead letter of an update without its unchanged values begins with this; then columns. */
  public static final String UNKNOWN_VALUE_BEFORE = "The update lacks the unchanged values of ";

  /** How it ends. */
  public static String unknownValueAfter(String table) {
    return ", and the state of "
        + table
        + " does not have the row, so it was not applied. Take a snapshot of the row (an incremental"
        + " one), or touch it with an update of these columns.";
  }

  /** A dead letter of a row under a new key begins with this; then columns. */
  public static final String UNKNOWN_MOVED_VALUE_BEFORE =
      "An update changed the key of the row, and Postgres did not send the unchanged values of ";

  /** How it ends. */
  public static String unknownMovedValueAfter(String table) {
    return ". The row is left out of "
        + table
        + " until a change has all its values. Take a snapshot of the row (an incremental one), or"
        + " touch it with an update of these columns. To prevent it, run ALTER TABLE ... REPLICA"
        + " IDENTITY FULL.";
  }

  /** A dead letter: a change without a key. */
  public static String nullKey(String table) {
    return "A column of the key of "
        + table
        + " is null, so the change was not applied. Correct table.key, or the row.";
  }

  /** What {@code validate} prints of a topic whose messages have no position in a log. */
  public static String orderNote(String table) {
    return String.format(
        "%s: the row of a key is its message with the highest offset in a partition. If the messages"
            + " of a key move to another partition (a topic that got more partitions), the later batch"
            + " wins.",
        table);
  }

  /** A mode that a view can't have. */
  public static UserException modeNotAllowed(String place, String sink) {
    return RunErrors.wrongInput(
        String.format(
            "%s: a view in %s has no mode: each batch delivers the rows that changed. Leave mode out;"
                + " 'mode: complete' is for files, which then hold the whole result.",
            place, sink));
  }

  /** A warning: the SQL of a view can't be run over all rows. */
  public static String notCompared(String view, long batchId, Throwable cause) {
    return String.format(
        "warning: %s, batch %d: not compared (state.shadow), as a batch query of its SQL fails: %s",
        view, batchId, Causes.message(cause));
  }

  /** A view that is not what its SQL gives. */
  public static UserException shadowDiffers(
      String view, long batchId, int differences, List<String> columns, Object kept, Object fresh) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            String.format(
                "view %s, batch %d: %,d rows of its result differ from a fresh run of its SQL over the"
                    + " table's rows (state.shadow). Columns %s; the view has %s, the fresh run %s. The"
                    + " batch was not delivered. Keep the checkpoint and report this as a defect;"
                    + " './millrace rebuild PIPELINE' builds the state again from the topic.",
                view, batchId, differences, columns, kept, fresh)),
        null);
  }

  /** A warning: the LSNs of a partition begin again. */
  public static String restored(String table, long batchId, int partition, long offset) {
    return String.format(
        "warning: %s, batch %d (partition %d, offset %d): a snapshot of an older server began; its rows"
            + " replace the newer ones",
        table, batchId, partition, offset);
  }

  /** A snapshot of the whole table removed rows that it does not have. */
  public static String missedDeletes(String table, long batchId, long rows) {
    return String.format(
        "%s, batch %d: a snapshot of the table is complete; %,d row%s that it lacks %s removed. If it"
            + " was of part of the table, set state.snapshots: partial and run './millrace rebuild PIPELINE'",
        table, batchId, rows, rows == 1 ? "" : "s", rows == 1 ? "was" : "were");
  }

  /** A warning: an aggregate whose type can't hold it is null. */
  public static String overflow(String view, long batchId, String problem, String group) {
    return String.format(
        "warning: %s, batch %d: %s in the group %s, and is null. Cast its argument to a wider type.",
        view, batchId, problem, group == null ? "of all rows" : group);
  }

  /** A warning: a group is large, and each batch that changes it reads all of it. */
  public static String largeGroup(String view, long batchId, long rows, String group) {
    return String.format(
        "warning: %s, batch %d: the group %s has %,d rows, more than state.max-group-rows, and each"
            + " batch that changes it reads all of them. Use smaller groups, or raise the limit.",
        view, batchId, group == null ? "of all rows" : group, rows);
  }

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

  /** The time of the batch where it is not compared with a value of the row. */
  public static UserException timeNotCompared(String place, String expression) {
    return RunErrors.wrongInput(
        String.format(
            "%s: %s changes with time, so a view can only compare it with a value of the row, as in"
                + " WHERE created_at > now() - INTERVAL 1 HOUR. Expected now(), current_date() or"
                + " date_trunc of them on one side of <, <=, >, >= or =, and days, hours, minutes or"
                + " seconds added or subtracted there; months for a date or a date_trunc.",
            place, expression));
  }

  /** What GROUP BY, DISTINCT or UNION tells rows apart by, and the result lacks. */
  public static UserException groupNotInResult(
      String place, String expression, List<String> columns) {
    return RunErrors.wrongInput(
        String.format(
            "%s: the result lacks the grouping expression %s, by which GROUP BY, DISTINCT or UNION"
                + " tells its rows apart. Add it to the SELECT list, which has %s.",
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

  /** A keyed sink for pairs of rows, whose keys are not both there. */
  public static UserException keysOfBothSidesNotSelected(
      String place, String sink, List<String> key) {
    return RunErrors.wrongInput(
        String.format(
            "%s: the sink %s stores rows by their key, which is that of both sides of the join here."
                + " Add %s of each side to the SELECT list, under names of their own.",
            place, sink, String.join(", ", key)));
  }

  /** A lookup with the table's name. */
  public static UserException lookupNamedAsTable(String name) {
    return RunErrors.wrongInput(
        String.format(
            "lookups.%s: the table has the same name (table.name), so SQL can't tell them apart. Name"
                + " the lookup differently.",
            name));
  }

  /** The key of a result that can have several rows for one of the table. */
  public static UserException keyOfSeveralRows(
      String place, List<String> key, List<String> tableKey, List<String> columns) {
    return RunErrors.wrongInput(
        String.format(
            "%s: the key (%s) does not fit: a row of the table can have several rows in the result."
                + " Expected the columns of the table's key (%s), and those that tell these rows"
                + " apart, all of them in the result, which has %s.",
            place,
            String.join(", ", key),
            String.join(", ", tableKey),
            String.join(", ", columns)));
  }

  /** A topic that a view shares with another output. */
  public static UserException sharedPlace(String place, String sink, String other) {
    return RunErrors.wrongInput(
        String.format(
            "%s: the output '%s' goes to %s, too. A view needs a topic or table of its own: write"
                + " {output} in its name.",
            place, other, sink));
  }

  /** Two columns of a view's result with one name. */
  public static UserException ambiguousColumn(String place, String column) {
    return RunErrors.wrongInput(
        String.format(
            "%s: the result has two columns named '%s'. Name one of them with AS.", place, column));
  }
}
