package dev.millrace.pipeline;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import dev.millrace.error.ViewErrors;
import dev.millrace.error.data.DataError.Code;
import dev.millrace.event.ChangeColumns;
import dev.millrace.view.ViewBatch;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What views leave out: rows and groups of which an expression fails, and changes that the table
 * can't take, as dead letters; sums that overflow, large groups and servers that were restored, as
 * warnings. Driver only.
 */
final class ViewProblems {

  private static final int SHOWN = 5;

  private final String pipeline;
  private final String table;
  private final List<String> topics;
  private final Consumer<String> say;

  /**
   * @param topics of the source; a partition below 0 is one of the second
   */
  ViewProblems(String pipeline, String table, List<String> topics, Consumer<String> say) {
    this.pipeline = pipeline;
    this.table = table;
    this.topics = List.copyOf(topics);
    this.say = say;
  }

  /** Prints the first warnings of a batch, and how many there are. */
  void warn(long batchId, Dataset<Row> problems) {
    List<Row> found = problems.where(col("warning")).collectAsList();
    found.stream().limit(SHOWN).forEach(row -> say.accept(line(batchId, row)));
    if (found.size() > SHOWN) {
      say.accept(
          String.format("warning: batch %d: %,d more warnings", batchId, found.size() - SHOWN));
    }
  }

  /** Prints how many rows a snapshot removed, as it does not have them. */
  void snapshotApplied(long batchId, long missedDeletes) {
    if (missedDeletes > 0) {
      say.accept(ViewErrors.missedDeletes(table, batchId, missedDeletes));
    }
  }

  private String line(long batchId, Row row) {
    String subject = row.isNullAt(0) ? table : row.getString(0);
    String reason = row.getString(1);
    if (reason.startsWith(ViewBatch.LARGE_GROUP)) {
      long rows = Long.parseLong(reason.substring(ViewBatch.LARGE_GROUP.length()));
      return ViewErrors.largeGroup(subject, batchId, rows, row.getString(4));
    }
    return reason.equals("RESTORED")
        ? ViewErrors.restored(subject, batchId, row.getInt(2), row.getLong(3))
        : ViewErrors.overflow(subject, batchId, reason, row.getString(4));
  }

  /**
   * The dead letters among the problems of a view, or of the table.
   *
   * @param view empty for the table
   * @param type the columns of dead letters
   */
  Dataset<Row> deadLetters(Dataset<Row> problems, Optional<String> view, StructType type) {
    Column isOwn = view.isPresent() ? col("view").equalTo(view.get()) : col("view").isNull();
    return problems
        .where(not(col("warning")).and(isOwn))
        .select(
            Arrays.stream(type.fields())
                .map(field -> value(field, view).cast(field.dataType()).as(field.name()))
                .toArray(Column[]::new));
  }

  private Column value(StructField field, Optional<String> view) {
    Column reason = col("reason");
    Column partition = col("partition");
    return switch (field.name()) {
      case ChangeColumns.TOPIC -> topic(partition);
      case ChangeColumns.PARTITION -> partitionOfTopic(partition);
      case ChangeColumns.OFFSET -> col("offset");
      case "key", "column" -> col(field.name());
      case "value" -> col("row");
      case "pipeline" -> lit(pipeline);
      case "code" ->
          view.isPresent()
              ? lit(Code.FAILED_EXPRESSION.name())
              : when(reason.equalTo("NULL_KEY"), Code.INVALID_KEY.name())
                  .when(reason.equalTo("UNKNOWN_MOVED_VALUE"), Code.UNKNOWN_VALUE.name())
                  .otherwise(reason);
      case "message" ->
          view.isPresent()
              ? concat(
                  lit(ViewErrors.failedExpressionBefore(view.get())),
                  when(col("row").isNull(), lit("group ")).otherwise(lit("row ")),
                  coalesce(col("key"), lit("{}")),
                  lit(": "),
                  reason,
                  lit(ViewErrors.failedExpressionAfter()))
              : when(reason.equalTo("TOO_OLD"), ViewErrors.tooOld(table))
                  .when(
                      reason.equalTo("UNKNOWN_VALUE"),
                      concat(
                          lit(ViewErrors.UNKNOWN_VALUE_BEFORE),
                          col("column"),
                          lit(ViewErrors.unknownValueAfter(table))))
                  .when(
                      reason.equalTo("UNKNOWN_MOVED_VALUE"),
                      concat(
                          lit(ViewErrors.UNKNOWN_MOVED_VALUE_BEFORE),
                          col("column"),
                          lit(ViewErrors.unknownMovedValueAfter(table))))
                  .otherwise(ViewErrors.nullKey(table));
      default -> lit(null);
    };
  }

  /** The topic of a partition as the state has it; null where there is none. */
  Column topic(Column partition) {
    return when(partition.geq(0), topics.get(0))
        .when(partition.lt(0), topics.get(topics.size() - 1));
  }

  /** The number in its topic of a partition as the state has it. */
  static Column partitionOfTopic(Column partition) {
    return when(partition.geq(0), partition).otherwise(lit(-1).minus(partition));
  }

  /** How many dead letters there are. */
  static long count(Dataset<Row> problems) {
    return problems.where(not(col("warning"))).count();
  }

  /** Which views have dead letters, and whether the table has: null in the list. */
  static List<String> owners(Dataset<Row> problems) {
    return problems
        .where(not(col("warning")))
        .select(ViewBatch.VIEW)
        .distinct()
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }
}
