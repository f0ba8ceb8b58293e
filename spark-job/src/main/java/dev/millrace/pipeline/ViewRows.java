package dev.millrace.pipeline;

import dev.millrace.config.OutputDefinition;
import dev.millrace.event.ChangeColumns;
import dev.millrace.pipeline.ViewOutputs.ViewOutput;
import dev.millrace.sink.ViewForm;
import dev.millrace.view.plan.ViewPlan;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What a batch changed in a view, as its kind of sink takes it. Driver only. */
final class ViewRows {

  private static final Map<String, String> JSON_OPTIONS =
      Map.of(
          "ignoreNullFields", "false",
          "timestampFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX");

  private static final String MARK = " ";

  private final ViewPlan plan;
  private final ViewForm form;
  private final OutputDefinition.Mode mode;
  private final boolean isWhole;

  /**
   * The rows of a view in the form of its output's sink.
   *
   * @param isWhole whether each row of a batch's changes is one of a result that is delivered whole
   */
  ViewRows(ViewOutput view, boolean isWhole) {
    this.plan = view.plan();
    this.form = view.form();
    this.mode = view.output().mode();
    this.isWhole = isWhole;
  }

  /** Whether the sink has one row of each key, so that removing one that it lacks does no harm. */
  boolean isByKey() {
    return form.isByKey();
  }

  /**
   * The columns of {@link #of}. A key that is the table's is never null, as no message with such a
   * null is applied; any other key may be.
   */
  StructType type() {
    if (form == ViewForm.RECORDS) {
      return new StructType()
          .add("key", DataTypes.BinaryType, false)
          .add("value", DataTypes.BinaryType);
    }
    boolean isKeyOfTable = plan.isRowByRow() && !plan.checksKey();
    StructType type = new StructType();
    if (mode != OutputDefinition.Mode.COMPLETE) {
      type =
          type.add(form == ViewForm.MARKED ? MARK : ChangeColumns.OP, DataTypes.StringType, false);
    }
    for (StructField field : plan.result().fields()) {
      boolean isRequired = isKeyOfTable && plan.key().contains(field.name());
      type = type.add(field.name(), field.dataType(), !isRequired);
    }
    return type;
  }

  /**
   * The columns that the sink takes for a row that changed.
   *
   * @param before the row before; null for one that is new
   * @param after the row after; null for one that is gone
   */
  Column[] of(Column before, Column after) {
    if (mode == OutputDefinition.Mode.COMPLETE) {
      return columns(before, after);
    }
    Column isGone = after.isNull();
    Column isNew = before.isNull();
    return switch (form) {
      case RECORDS -> record(before, after);
      case UPSERTS ->
          columns(before, after, functions.when(isGone, "d").otherwise("c").as(ChangeColumns.OP));
      case KEYED_CHANGES ->
          columns(
              before,
              after,
              functions.when(isGone, "d").when(isNew, "c").otherwise("u").as(ChangeColumns.OP));
      case CHANGELOG ->
          columns(
              before,
              after,
              functions
                  .when(isGone, "d")
                  .when(isNew, isWhole ? "r" : "c")
                  .otherwise("u")
                  .as(ChangeColumns.OP));
      case MARKED ->
          columns(
              before, after, functions.when(isGone, "-").when(isNew, "+").otherwise("~").as(MARK));
    };
  }

  /** {@code key} and {@code value} as JSON in bytes; the value of a deleted row is null. */
  private Column[] record(Column before, Column after) {
    Column value =
        functions.when(after.isNull(), functions.lit(null).cast("string")).otherwise(json(after));
    return new Column[] {
      key(functions.when(after.isNull(), before).otherwise(after)).cast("binary").as("key"),
      value.cast("binary").as("value")
    };
  }

  /** The key of a row of the result as JSON. */
  Column key(Column row) {
    return plan.key().isEmpty()
        ? functions.lit("{}")
        : json(
            functions.struct(
                plan.key().stream()
                    .map(name -> row.getField(name).as(name))
                    .toArray(Column[]::new)));
  }

  /** A row of the result as JSON, nulls included. */
  static Column json(Column row) {
    return functions.to_json(row, JSON_OPTIONS);
  }

  private Column[] columns(Column before, Column after, Column... first) {
    return Stream.concat(
            Arrays.stream(first),
            Arrays.stream(plan.result().fieldNames())
                .map(
                    name ->
                        functions
                            .when(after.isNull(), before.getField(name))
                            .otherwise(after.getField(name))
                            .as(name)))
        .toArray(Column[]::new);
  }
}
