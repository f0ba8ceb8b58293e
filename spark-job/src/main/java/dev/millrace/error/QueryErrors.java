package dev.millrace.error;

import java.util.List;

/** The part of the catalogue for SQL that can't be planned over a stream. */
public final class QueryErrors {

  private QueryErrors() {}

  /** SQL that Spark can't analyse. */
  public static UserException invalidSql(String place, String problem, Throwable cause) {
    return new UserException(
        UserException.WRONG_INPUT, List.of(place + ": " + problem.strip()), cause);
  }

  /** A query that fails while it runs; what is already for a user to read stays as it is. */
  public static UserException failed(String place, Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof UserException known) {
        return known;
      }
    }
    return RunErrors.runTime(cause, place + ": " + RunErrors.rootMessage(cause));
  }

  /** {@code row_number()} and similar over a stream. */
  public static UserException windowFunctionOnStream(String place) {
    return RunErrors.wrongInput(
        place
            + ": a row function (OVER ...) needs the complete input, and a stream has no end."
            + " Add 'scope: batch' to the output to number the rows of each micro-batch.");
  }

  /** ORDER BY, LIMIT, joins, set operations and subqueries over a stream. */
  public static UserException needsOtherRows(String place) {
    return RunErrors.wrongInput(
        place
            + ": ORDER BY, LIMIT, UNION, subqueries, and joins other than with a lookup need the"
            + " complete input, and a stream has no end. Leave them out, or add 'scope: batch' to the"
            + " output to run the SQL on each micro-batch.");
  }

  /** SQL that is not a query. */
  public static UserException sqlCommand(String place, String relation) {
    return RunErrors.wrongInput(
        place + ": not a query. Expected SELECT ... FROM " + relation + ".");
  }

  /** SQL that does more than to compute from rows. */
  public static UserException sqlReachesOutside(String place, String what, String doing) {
    return RunErrors.wrongInput(
        "%s: %s %s, which the SQL of a pipeline may not do. Use Spark's other SQL functions: https://spark.apache.org/docs/3.5.7/api/sql/"
            .formatted(place, what, doing));
  }

  /** SQL that does not read the rows of the source. */
  public static UserException sqlWithoutRelation(String place, String relation) {
    return RunErrors.wrongInput(
        place
            + ": the SQL does not read the relation '"
            + relation
            + "'. Expected a query: SELECT ... FROM "
            + relation
            + ".");
  }

  /** Mode complete for a query that keeps no result. */
  public static UserException completeWithoutAggregate(String place) {
    return RunErrors.wrongInput(
        place
            + ": 'mode: complete' delivers a whole result every time, and only an aggregate"
            + " (GROUP BY) keeps one. Use 'mode: append'.");
  }

  /** An aggregate that continues from batch to batch over a source that feeds none. */
  public static UserException noStateOver(String place, String kind, String reason) {
    return RunErrors.wrongInput(
        place
            + ": an aggregate that continues from batch to batch is not possible over "
            + kind
            + ", as "
            + reason
            + ". Add 'scope: batch' to the output to aggregate each batch by itself.");
  }

  /** An aggregate that continues from batch to batch where repeats are to be left out. */
  public static UserException repeatsInState(String place) {
    return RunErrors.wrongInput(
        place
            + ": an aggregate that continues from batch to batch would count repeated changes, which"
            + " source.deduplicate leaves out of other outputs. Query the table instead of changes"
            + " (table.name, docs/views.md), whose views ignore repeated changes, add 'scope: batch',"
            + " or turn source.deduplicate off for this run.");
  }

  /** A key column that the SQL does not return. */
  public static UserException keyNotInResult(String place, String column, List<String> columns) {
    return RunErrors.wrongInput(
        place
            + ": the output's key names '"
            + column
            + "', which the SQL does not return. Use one of "
            + String.join(", ", columns)
            + ".");
  }

  /** A query that Spark refuses to start. */
  public static UserException refusedQuery(String place, String problem, Throwable cause) {
    return new UserException(
        UserException.WRONG_INPUT,
        List.of(
            place
                + ": "
                + problem.lines().findFirst().orElse("").strip()
                + ". Change the output's sql, mode or watermark."),
        cause);
  }
}
