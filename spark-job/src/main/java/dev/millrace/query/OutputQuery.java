package dev.millrace.query;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.OutputDefinition.Watermark;
import dev.millrace.error.QueryErrors;
import dev.millrace.event.ChangeColumns;
import dev.millrace.event.OrderColumns;
import dev.millrace.event.Relation;
import dev.millrace.sql.SqlText;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * The SQL of one output over the rows of the source, analysed. Driver only; reads no data.
 *
 * @param shape how the query has to be run
 * @param relation what the SQL reads
 * @param neededColumns the relation's columns that the result depends on
 * @param result the columns of the result
 * @param delivered the columns that the sink gets: those, and {@link OrderColumns} if it asks for
 *     them
 * @param readsEachRowOnce whether Spark is sure to read every row of the relation once: not so with
 *     a total order, for which it takes a sample first, a limit, a join with itself
 * @param hasFixedPlan whether a plan made for one micro-batch gives the rows of another, too, once
 *     it scans those: it reads the relation row by row and nothing else, and nothing in it is
 *     decided when it is planned, as {@code now()} and what {@code rand()} and {@code uuid()} begin
 *     with are
 */
public record OutputQuery(
    OutputDefinition output,
    Shape shape,
    Relation relation,
    Set<String> neededColumns,
    StructType result,
    StructType delivered,
    boolean readsEachRowOnce,
    boolean hasFixedPlan) {

  public OutputQuery {
    neededColumns = Set.copyOf(neededColumns);
  }

  /** What a result depends on. */
  public enum Shape {
    /** Each row of the result on one row of the relation. */
    STATELESS,
    /** The result on all rows so far. */
    STATEFUL,
    /** The result on the rows of one micro-batch together. */
    BATCH
  }

  /**
   * Analyses an output's SQL.
   *
   * @throws dev.millrace.error.UserException where Spark can't analyse it, or where it needs what a
   *     stream can't give
   */
  public static OutputQuery analyze(
      SparkSession session, Relation relation, List<Relation> lookups, OutputDefinition output) {
    SparkSession scratch = session.newSession();
    Dataset<Row> rows = unknownRows(scratch, relation.columns());
    Map<String, Dataset<Row>> sides = new HashMap<>();
    lookups.forEach(lookup -> sides.put(lookup.name(), unknownRows(scratch, lookup.columns())));
    Dataset<Row> result = select(rows, relation.name(), sides, output);
    QueryPlans plans = QueryPlans.of(result.queryExecution(), rows);
    if (!plans.readsRelation()) {
      throw QueryErrors.sqlWithoutRelation(output.sqlPlace(), relation.name());
    }
    Shape shape = shape(plans, output);
    requireColumns(output, result.schema());
    Set<String> needed = new LinkedHashSet<>(plans.neededColumns());
    watermark(output).ifPresent(watermark -> needed.add(watermark.column()));
    if (output.isOrdered()) {
      needed.addAll(orderColumns(relation, output));
    }
    return new OutputQuery(
        output,
        shape,
        relation,
        needed,
        result.schema(),
        output.isOrdered() && shape == Shape.STATELESS
            ? CarriedColumns.of(rows.select(decoded(relation, needed))).through(result).schema()
            : result.schema(),
        plans.readsEachRowOnce(),
        shape == Shape.STATELESS && plans.isFixed());
  }

  /** What a sink needs of the relation, next to positions, to tell which row is the newest. */
  private static List<String> orderColumns(Relation relation, OutputDefinition output) {
    if (!List.of(relation.columns().fieldNames()).contains(ChangeColumns.OP)) {
      return List.of();
    }
    return output.sink().isByKey()
        ? List.of(ChangeColumns.TX_ID)
        : List.of(
            ChangeColumns.TX_ID,
            ChangeColumns.OP,
            ChangeColumns.LSN,
            ChangeColumns.UNCHANGED,
            ChangeColumns.PLACEHOLDERS);
  }

  /** The columns of the relation that a batch has: a source's positions always. */
  private static Column[] decoded(Relation relation, Set<String> needed) {
    return Arrays.stream(relation.columns().fieldNames())
        .filter(
            name ->
                needed.contains(name)
                    || name.equals(ChangeColumns.PARTITION)
                    || name.equals(ChangeColumns.OFFSET))
        .map(functions::col)
        .toArray(Column[]::new);
  }

  /** An RDD hides that it is empty: the optimizer must not fold the query to nothing. */
  private static Dataset<Row> unknownRows(SparkSession session, StructType columns) {
    JavaRDD<Row> none = JavaSparkContext.fromSparkContext(session.sparkContext()).emptyRDD();
    return session.createDataFrame(none, columns);
  }

  /**
   * Checks as much of an output's SQL as can be without the relation's columns: that it is a query.
   *
   * @throws dev.millrace.error.UserException where it is none
   */
  public static void parse(SparkSession session, String relation, OutputDefinition output) {
    try {
      if (output.sql().isPresent()) {
        SqlText.requireQuery(session, output.sql().get(), output.sqlPlace(), relation);
      }
    } catch (Exception e) {
      throw asUserException(output, e);
    }
  }

  /**
   * The result of the SQL over rows of the relation, which may be a stream or a batch.
   *
   * @param decoded at least {@link #neededColumns}; the others are null for SQL, which names them
   *     but makes nothing of them
   * @param lookups the rows of each by its name, of the same session
   */
  public Dataset<Row> over(Dataset<Row> decoded, Map<String, Dataset<Row>> lookups) {
    Column[] columns =
        Arrays.stream(relation.columns().fields())
            .map(
                field ->
                    Arrays.asList(decoded.columns()).contains(field.name())
                        ? functions.col(field.name())
                        : functions.lit(null).cast(field.dataType()).as(field.name()))
            .toArray(Column[]::new);
    return select(decoded.select(columns), relation.name(), lookups, output);
  }

  /**
   * The same with {@link OrderColumns}, as far as the relation has them and each row of the result
   * is made from one row of it.
   */
  public Dataset<Row> ordered(Dataset<Row> decoded, Map<String, Dataset<Row>> lookups) {
    Dataset<Row> result = over(decoded, lookups);
    return shape == Shape.STATELESS ? CarriedColumns.of(decoded).through(result) : result;
  }

  private static Dataset<Row> select(
      Dataset<Row> rows, String name, Map<String, Dataset<Row>> lookups, OutputDefinition output) {
    SparkSession session = rows.sparkSession();
    try {
      Dataset<Row> relation =
          watermark(output)
              .map(
                  watermark ->
                      rows.withWatermark(
                          watermark.column(), watermark.delay().toMillis() + " milliseconds"))
              .orElse(rows);
      if (output.sql().isEmpty()) {
        return relation;
      }
      String sql = output.sql().get();
      SqlText.requireQuery(session, sql, output.sqlPlace(), name);
      relation.createOrReplaceTempView(name);
      for (Map.Entry<String, Dataset<Row>> lookup : lookups.entrySet()) {
        lookup.getValue().createOrReplaceTempView(lookup.getKey());
      }
      return session.sql(sql);
    } catch (Exception e) {
      throw asUserException(output, e);
    }
  }

  /** Scala's methods do not declare what they throw, so Java can't catch it by its name. */
  private static RuntimeException asUserException(OutputDefinition output, Exception e) {
    if (e instanceof AnalysisException analysis) {
      return QueryErrors.invalidSql(output.sqlPlace(), analysis.getSimpleMessage(), e);
    }
    return e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
  }

  private static Optional<Watermark> watermark(OutputDefinition output) {
    return output.watermark().filter(watermark -> output.scope() == OutputDefinition.Scope.STREAM);
  }

  private static Shape shape(QueryPlans plans, OutputDefinition output) {
    if (output.scope() == OutputDefinition.Scope.BATCH) {
      return Shape.BATCH;
    }
    if (plans.hasRowFunction()) {
      throw QueryErrors.windowFunctionOnStream(output.sqlPlace());
    }
    if (plans.hasAggregate()) {
      return Shape.STATEFUL;
    }
    if (!plans.isRowByRow()) {
      throw QueryErrors.needsOtherRows(output.sqlPlace());
    }
    if (output.mode() == OutputDefinition.Mode.COMPLETE) {
      throw QueryErrors.completeWithoutAggregate(output.sqlPlace());
    }
    return Shape.STATELESS;
  }

  private static void requireColumns(OutputDefinition output, StructType schema) {
    List<String> names = List.of(schema.fieldNames());
    for (String column : output.key()) {
      if (!names.contains(column)) {
        throw QueryErrors.keyNotInResult(output.sqlPlace(), column, names);
      }
    }
  }
}
