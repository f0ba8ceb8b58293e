package dev.millrace.pipeline;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.when;

import dev.millrace.error.data.DataError.Code;
import dev.millrace.event.ChangeColumns;
import dev.millrace.pipeline.batch.StorableRows;
import dev.millrace.sink.Sink.Delivery;
import dev.millrace.view.ViewBatch;
import java.util.Arrays;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What one batch changed in a view, as far as the output's sink can store it, and dead letters of
 * the output for the other rows. Driver only.
 *
 * <p>A row that can't be stored is left out until it changes: its older version is removed from the
 * sink, so that no reader takes that for what the view has, and a later version that can be stored
 * is delivered.
 */
final class StorableViewRows {

  private static final String BEFORE = "`millrace.before`";
  private static final String AFTER = "`millrace.after`";
  private static final String PARTITION = "`millrace.partition`";
  private static final String OFFSET = "`millrace.offset`";
  private static final String IS_EXCEEDED = "`millrace.exceeded`";
  private static final String IS_REMOVAL = "`millrace.removal`";
  private static final String IS_KEPT = "`millrace.kept`";

  private final StorableRows storable;
  private final ViewRows form;
  private final StructType result;
  private final Dataset<Row> changes;

  /**
   * @param form in which the sink takes rows
   * @param result the view's columns
   * @param changes see {@link ViewBatch#changes}
   */
  StorableViewRows(StorableRows storable, ViewRows form, StructType result, Dataset<Row> changes) {
    this.storable = storable;
    this.form = form;
    this.result = result;
    this.changes = storable.areAll() || form.isByKey() ? changes : withKnown(changes);
  }

  /** Rows that the sink does not have, since it could not store them, are null before a change. */
  private Dataset<Row> withKnown(Dataset<Row> changed) {
    Column none = lit(null).cast(result);
    return formed(changed, none, col(ViewBatch.BEFORE))
        .select(
            when(not(storable.isExceeded()), col(BEFORE)).as(ViewBatch.BEFORE),
            col(AFTER).as(ViewBatch.AFTER),
            col(PARTITION).as(ViewBatch.PARTITION),
            col(OFFSET).as(ViewBatch.OFFSET))
        .where(col(ViewBatch.BEFORE).isNotNull().or(col(ViewBatch.AFTER).isNotNull()));
  }

  /** Rows in the form of the sink, with the changes that they were made from. */
  private Dataset<Row> formed(Dataset<Row> changed, Column before, Column after) {
    return changed.select(
        Stream.concat(
                Arrays.stream(form.of(before, after)),
                Stream.of(
                    col(ViewBatch.BEFORE).as(name(BEFORE)),
                    col(ViewBatch.AFTER).as(name(AFTER)),
                    col(ViewBatch.PARTITION).as(name(PARTITION)),
                    col(ViewBatch.OFFSET).as(name(OFFSET))))
            .toArray(Column[]::new));
  }

  private Dataset<Row> formed() {
    return formed(changes, col(ViewBatch.BEFORE), col(ViewBatch.AFTER));
  }

  private static String name(String quoted) {
    return quoted.replace("`", "");
  }

  private Column isUnstorable() {
    return col(AFTER).isNotNull().and(storable.isExceeded());
  }

  /** What is delivered, in the form of the sink; an action on it notes whether there are others. */
  Dataset<Row> rows() {
    Column[] delivered = form.of(col(ViewBatch.BEFORE), col(ViewBatch.AFTER));
    if (storable.areAll()) {
      return changes.select(delivered);
    }
    Column isRemoval = col(AFTER).isNotNull().and(col(IS_EXCEEDED));
    // Each condition is computed once, in a column: it has a part for every column of the result.
    // What is noted keeps Spark from moving it into the expressions of the columns above.
    Dataset<Row> judged =
        formed()
            .withColumn(name(IS_EXCEEDED), storable.isExceeded())
            .select(
                col("*"),
                isRemoval.as(name(IS_REMOVAL)),
                when(isRemoval, storable.noted(col(BEFORE).isNotNull()))
                    .otherwise(not(col(IS_EXCEEDED)))
                    .as(name(IS_KEPT)));
    Column[] removed = form.of(col(BEFORE), lit(null).cast(result));
    String[] names = changes.select(delivered).columns();
    Column[] columns = new Column[names.length + 1];
    for (int i = 0; i < names.length; i++) {
      columns[i] =
          when(col(IS_REMOVAL), removed[i])
              .otherwise(col("`" + names[i].replace("`", "``") + "`"))
              .as(names[i]);
    }
    columns[names.length] = col(IS_REMOVAL);
    return judged
        .where(col(IS_KEPT))
        .select(columns)
        .where(not(col(IS_REMOVAL)).or(not(storable.isExceeded())))
        .drop(name(IS_REMOVAL));
  }

  /**
   * How many rows the sink can't store.
   *
   * @param delivery what an action on {@link #rows} resulted in; where there was none the rows are
   *     counted
   */
  long countOfOthers(Delivery delivery) {
    if (storable.areAll()) {
      return 0;
    }
    return delivery == Delivery.DELIVERED
        ? storable.countOfNoted()
        : formed().where(isUnstorable()).count();
  }

  /**
   * The dead letters of the rows that the sink can't store.
   *
   * @param type the columns of dead letters
   * @param problems tells where the state's partitions are
   */
  Dataset<Row> deadLetters(StructType type, String pipeline, ViewProblems problems) {
    return formed()
        .where(isUnstorable())
        .select(
            Arrays.stream(type.fields())
                .map(
                    field ->
                        value(field, pipeline, problems).cast(field.dataType()).as(field.name()))
                .toArray(Column[]::new));
  }

  private Column value(StructField field, String pipeline, ViewProblems problems) {
    return switch (field.name()) {
      case ChangeColumns.TOPIC -> problems.topic(col(PARTITION));
      case ChangeColumns.PARTITION -> ViewProblems.partitionOfTopic(col(PARTITION));
      case ChangeColumns.OFFSET -> col(OFFSET);
      case "key" -> StorableRows.asValue(form.key(col(AFTER)));
      case "value" -> StorableRows.asValue(ViewRows.json(col(AFTER)));
      case "pipeline" -> lit(pipeline);
      case "code" -> lit(Code.UNSTORABLE_ROW.name());
      case "column" -> storable.concernedColumn();
      case "message" -> storable.message();
      default -> lit(null);
    };
  }
}
