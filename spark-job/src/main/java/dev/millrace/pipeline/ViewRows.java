package dev.millrace.pipeline;

import dev.millrace.view.ViewBatch;
import dev.millrace.view.ViewPlan;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** What a batch changed in a view, as each kind of sink takes it. Driver only. */
final class ViewRows {

  private static final Map<String, String> JSON_OPTIONS =
      Map.of(
          "ignoreNullFields", "false",
          "timestampFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX");

  private static final Column BEFORE = functions.col(ViewBatch.BEFORE);
  private static final Column AFTER = functions.col(ViewBatch.AFTER);

  private ViewRows() {}

  /** The rows marked {@code +}, {@code ~} or {@code -}, for a person to read. */
  static Dataset<Row> marked(ViewPlan plan, Dataset<Row> changes) {
    return changes.select(
        columns(
            plan,
            functions.when(AFTER.isNull(), "-").when(BEFORE.isNull(), "+").otherwise("~").as(" ")));
  }

  /**
   * The rows with their operation: {@code c}, {@code u} or {@code d}; {@code r} for a row of a
   * result that is delivered whole.
   */
  static Dataset<Row> changelog(ViewPlan plan, Dataset<Row> changes, boolean isWhole) {
    return changes.select(
        columns(
            plan,
            functions
                .when(AFTER.isNull(), "d")
                .when(BEFORE.isNull(), isWhole ? "r" : "c")
                .otherwise("u")
                .as("op")));
  }

  /** The rows with {@code op}: {@code c} for a row that is written whole, {@code d}. */
  static Dataset<Row> upserts(ViewPlan plan, Dataset<Row> changes) {
    return changes.select(
        columns(plan, functions.when(AFTER.isNull(), "d").otherwise("c").as("op")));
  }

  /** {@code key} and {@code value} as JSON in bytes; the value of a deleted row is null. */
  static Dataset<Row> records(ViewPlan plan, Dataset<Row> changes) {
    Column row = functions.when(AFTER.isNull(), BEFORE).otherwise(AFTER);
    Column key =
        plan.key().isEmpty()
            ? functions.lit("{}")
            : functions.to_json(
                functions.struct(
                    plan.key().stream()
                        .map(name -> row.getField(name).as(name))
                        .toArray(Column[]::new)),
                JSON_OPTIONS);
    Column value =
        functions
            .when(AFTER.isNull(), functions.lit(null).cast("string"))
            .otherwise(functions.to_json(AFTER, JSON_OPTIONS));
    return changes.select(key.cast("binary").as("key"), value.cast("binary").as("value"));
  }

  private static Column[] columns(ViewPlan plan, Column... first) {
    List<String> names = List.of(plan.result().fieldNames());
    return Stream.concat(
            Arrays.stream(first),
            names.stream()
                .map(
                    name ->
                        functions
                            .when(AFTER.isNull(), BEFORE.getField(name))
                            .otherwise(AFTER.getField(name))
                            .as(name)))
        .toArray(Column[]::new);
  }
}
