package dev.millrace.query;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.OutputDefinition.Watermark;
import dev.millrace.config.TableDefinition;
import dev.millrace.error.RunErrors;
import dev.millrace.event.ChangeColumns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The SQL of one output over the relation {@code changes}, analysed. Driver only; reads no data.
 *
 * @param shape how the query has to be run
 * @param neededColumns the columns of {@code changes} that the result depends on
 * @param changes all columns of {@code changes}
 */
public record OutputQuery(
    OutputDefinition output, Shape shape, Set<String> neededColumns, StructType changes) {

  /** The name under which SQL knows the stream. */
  public static final String CHANGES = "changes";

  public OutputQuery {
    neededColumns = Set.copyOf(neededColumns);
  }

  /** What a result depends on. */
  public enum Shape {
    /** Each row of the result on one change. */
    STATELESS,
    /** The result on all changes so far. */
    STATEFUL,
    /** The result on the changes of one micro-batch together. */
    BATCH
  }

  /**
   * Analyses an output's SQL.
   *
   * @throws dev.millrace.error.UserException where Spark can't analyse it, or where it needs what a
   *     stream can't give
   */
  public static OutputQuery analyze(
      SparkSession session, TableDefinition table, OutputDefinition output) {
    StructType changes = changesSchema(table);
    SparkSession scratch = session.newSession();
    Dataset<Row> empty = scratch.createDataFrame(new ArrayList<Row>(), changes);
    // An RDD hides that it is empty: the optimizer must not fold the query to nothing.
    Dataset<Row> relation = scratch.createDataFrame(empty.toJavaRDD(), changes);
    Dataset<Row> result = select(relation, output);
    QueryPlans plans = QueryPlans.of(result.queryExecution());
    if (!plans.readsChanges()) {
      throw RunErrors.sqlWithoutChanges(output.sqlPlace());
    }
    Shape shape = shape(plans, output);
    requireColumns(output, result.schema());
    Set<String> needed = new LinkedHashSet<>(plans.neededColumns());
    watermark(output).ifPresent(watermark -> needed.add(watermark.column()));
    return new OutputQuery(output, shape, needed, changes);
  }

  /** All columns that {@code changes} can have: the table's, then those of every change. */
  static StructType changesSchema(TableDefinition table) {
    List<StructField> fields = new ArrayList<>();
    for (ColumnDefinition column : table.columns()) {
      fields.add(DataTypes.createStructField(column.name(), column.type(), true));
    }
    fields.addAll(ChangeColumns.DECODED);
    fields.addAll(ChangeColumns.POSITION);
    return DataTypes.createStructType(fields);
  }

  /**
   * The result of the SQL over decoded changes, which may be a stream or a batch.
   *
   * @param decoded at least {@link #neededColumns}; the others are null for SQL, which names them
   *     but makes nothing of them
   */
  public Dataset<Row> over(Dataset<Row> decoded) {
    Column[] columns =
        Arrays.stream(changes.fields())
            .map(
                field ->
                    Arrays.asList(decoded.columns()).contains(field.name())
                        ? functions.col(field.name())
                        : functions.lit(null).cast(field.dataType()).as(field.name()))
            .toArray(Column[]::new);
    return select(decoded.select(columns), output);
  }

  private static Dataset<Row> select(Dataset<Row> changes, OutputDefinition output) {
    SparkSession session = changes.sparkSession();
    try {
      Dataset<Row> relation =
          watermark(output)
              .map(
                  watermark ->
                      changes.withWatermark(
                          watermark.column(), watermark.delay().toMillis() + " milliseconds"))
              .orElse(changes);
      if (output.sql().isEmpty()) {
        return relation;
      }
      String sql = output.sql().get();
      // Spark runs a command as soon as it is asked for its plan.
      if (QueryPlans.isCommand(session.sessionState().sqlParser().parsePlan(sql))) {
        throw RunErrors.sqlCommand(output.sqlPlace());
      }
      relation.createOrReplaceTempView(CHANGES);
      return session.sql(sql);
    } catch (Exception e) {
      // Scala's methods do not declare what they throw, so Java can't catch it by its name.
      if (e instanceof AnalysisException analysis) {
        throw RunErrors.invalidSql(output.sqlPlace(), analysis.getSimpleMessage(), e);
      }
      throw e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
    }
  }

  private static Optional<Watermark> watermark(OutputDefinition output) {
    return output.watermark().filter(watermark -> output.scope() == OutputDefinition.Scope.STREAM);
  }

  private static Shape shape(QueryPlans plans, OutputDefinition output) {
    if (output.scope() == OutputDefinition.Scope.BATCH) {
      return Shape.BATCH;
    }
    if (plans.hasRowFunction()) {
      throw RunErrors.windowFunctionOnStream(output.sqlPlace());
    }
    if (plans.hasAggregate()) {
      return Shape.STATEFUL;
    }
    if (!plans.isRowByRow()) {
      throw RunErrors.needsOtherRows(output.sqlPlace());
    }
    if (output.mode() == OutputDefinition.Mode.COMPLETE) {
      throw RunErrors.completeWithoutAggregate(output.sqlPlace());
    }
    return Shape.STATELESS;
  }

  private static void requireColumns(OutputDefinition output, StructType schema) {
    List<String> names = List.of(schema.fieldNames());
    for (String column : output.key()) {
      if (!names.contains(column)) {
        throw RunErrors.keyNotInResult(output.sqlPlace(), column, names);
      }
    }
  }
}
