package dev.millrace.pipeline;

import dev.millrace.config.OutputDefinition;
import dev.millrace.pipeline.ViewOutputs.ViewOutput;
import dev.millrace.sink.SinkReader;
import dev.millrace.sink.SinkReader.Held;
import dev.millrace.sql.Columns;
import dev.millrace.view.ViewBatch;
import dev.millrace.view.plan.ViewPlan;
import java.util.Arrays;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What a sink that stores by key holds of an earlier result of a view: the rows that its new result
 * does not have are to be removed. Files need none of that, as a whole result replaces what was
 * before. Driver only, to whose memory the keys are read.
 *
 * <pre>
 *   sink before   id 1, id 2, id 3
 *   new result    id 2, id 4          delivered: id 2, id 4, and the removal of id 1 and id 3
 * </pre>
 */
record EarlierRows(ViewPlan plan, SinkReader reader) {

  /** Empty where nothing of an earlier result has to be removed from a view's sink. */
  static Optional<EarlierRows> of(ViewOutput view, Optional<SinkReader> reader) {
    boolean isByKey =
        view.output().mode() != OutputDefinition.Mode.COMPLETE
            && view.form().isByKey()
            && !view.plan().key().isEmpty();
    return reader.filter(found -> isByKey).map(found -> new EarlierRows(view.plan(), found));
  }

  /**
   * The changes, and a removal of each row that the sink has and they do not.
   *
   * @param changes the whole result, as {@link ViewBatch#changes} has it
   */
  Dataset<Row> removedWith(Dataset<Row> changes) throws InterruptedException {
    SparkSession session = changes.sparkSession();
    Column after = functions.col(ViewBatch.AFTER);
    Dataset<Row> keys =
        changes
            .where(after.isNotNull())
            .select(
                plan.key().stream()
                    .map(name -> after.getField(name).as(name))
                    .toArray(Column[]::new));
    Optional<Held> held = Optional.empty();
    // A batch that a killed run had sent may become visible while the sink is read: read it again.
    while (held.isEmpty()) {
      held = reader.read(session, keyType());
    }
    Dataset<Row> removals = held.get().rows().except(reader.stored(keys));
    return changes.union(
        removals.select(
            row().as(ViewBatch.BEFORE),
            functions.lit(null).cast(plan.result()).as(ViewBatch.AFTER),
            functions.lit(null).cast("int").as(ViewBatch.PARTITION),
            functions.lit(null).cast("bigint").as(ViewBatch.OFFSET)));
  }

  private StructType keyType() {
    return new StructType(
        plan.key().stream().map(name -> plan.result().apply(name)).toArray(StructField[]::new));
  }

  /** A row of the result of which only the key is known; a count is null, too. */
  private Column row() {
    return functions.struct(
        Arrays.stream(plan.result().fields())
            .map(
                field ->
                    (plan.key().contains(field.name())
                            ? Columns.named(field.name())
                            : functions.lit(null))
                        .cast(field.dataType())
                        .as(field.name()))
            .toArray(Column[]::new));
  }
}
