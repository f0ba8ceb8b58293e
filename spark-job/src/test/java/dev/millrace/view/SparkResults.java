package dev.millrace.view;

import dev.millrace.view.plan.LookupRows;
import dev.millrace.view.plan.ViewPlanner;
import dev.millrace.view.table.Expressions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.lang3.SerializationUtils;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.execution.SQLExecution;
import org.apache.spark.sql.execution.SparkPlan;
import org.apache.spark.sql.execution.exchange.Exchange;
import org.apache.spark.sql.types.StructType;
import scala.Tuple2;

/**
 * What Spark's batch engine makes of queries over a table's rows, the rows counted: all queries in
 * one job, and each planned once.
 */
final class SparkResults {

  private static final int TASKS = 2;

  private final SparkSession session;
  private final Path file;
  private final Map<String, StructType> lookups;
  private final Map<String, Planned> planned = new HashMap<>();

  /**
   * A query's result, computed from the rows that the file has then.
   *
   * @param result its rows with its name
   * @param canRunAgain whether nothing is exchanged, as an exchange keeps the rows that it had
   *     first
   */
  private record Planned(
      String sql, RowReader reader, JavaPairRDD<String, byte[]> result, boolean canRunAgain) {}

  /**
   * @param lookups their columns by their names
   * @param file where a query's task finds the rows
   */
  SparkResults(
      SparkSession session, StructType columns, Map<String, StructType> lookups, Path file) {
    this.session = session.newSession();
    this.file = file;
    this.lookups = lookups;
    // The side of a join that is broadcast would keep the rows that it had first.
    this.session.conf().set("spark.sql.autoBroadcastJoinThreshold", "-1");
    this.session.conf().set("spark.sql.ansi.enabled", "true");
    this.session.conf().set("spark.sql.shuffle.partitions", "1");
    this.session.conf().set("spark.sql.adaptive.enabled", "false");
    // Compiled, each query of a test would be a class that runs once.
    this.session.conf().set("spark.sql.codegen.wholeStage", "false");
    this.session.conf().set("spark.sql.codegen.factoryMode", "NO_CODEGEN");
    register("t", columns, file);
    lookups.forEach((name, type) -> register(name, type, fileOf(name)));
  }

  private Path fileOf(String lookup) {
    return file.resolveSibling(file.getFileName() + "-" + lookup);
  }

  private void register(String name, StructType columns, Path from) {
    String path = from.toString();
    JavaRDD<InternalRow> rows =
        JavaSparkContext.fromSparkContext(session.sparkContext())
            .parallelize(List.of(path), 1)
            .flatMap(each -> read(each, columns));
    // One partition: an aggregate needs no exchange.
    this.session
        .internalCreateDataFrame(rows.rdd(), columns, false)
        .coalesce(1)
        .createOrReplaceTempView(name);
  }

  private static Iterator<InternalRow> read(String path, StructType columns) throws IOException {
    ArrayList<Row> rows = SerializationUtils.deserialize(Files.readAllBytes(Path.of(path)));
    var converter = CatalystTypeConverters.createToCatalystConverter(columns);
    return rows.stream().map(row -> (InternalRow) converter.apply(row)).iterator();
  }

  /**
   * The results of queries over {@code t}.
   *
   * @param sql queries by name
   * @param rows of the table
   * @param lookupRows those of each lookup
   * @param micros what SQL calls now()
   */
  Map<String, Map<List<Object>, Integer>> of(
      Map<String, String> sql, List<Row> rows, Map<String, LookupRows> lookupRows, long micros) {
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, SerializationUtils.serialize(new ArrayList<>(rows)));
      for (String name : lookups.keySet()) {
        Files.write(
            fileOf(name),
            SerializationUtils.serialize(new ArrayList<>(lookupRows.get(name).rows())));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, Map<List<Object>, Integer>> counted = new LinkedHashMap<>();
    for (Map.Entry<String, String> query : sql.entrySet()) {
      counted.put(query.getKey(), new LinkedHashMap<>());
      planned.compute(
          query.getKey(),
          (name, last) ->
              last != null && last.canRunAgain() && last.sql().equals(query.getValue())
                  ? last
                  : plan(name, query.getValue(), micros));
    }
    @SuppressWarnings({"unchecked", "rawtypes"})
    JavaPairRDD<String, byte[]> all =
        JavaSparkContext.fromSparkContext(session.sparkContext())
            .union(
                sql.keySet().stream()
                    .map(name -> planned.get(name).result())
                    .toArray(JavaPairRDD[]::new));
    // A task for each query would take longer than its result.
    List<Tuple2<String, byte[]>> found =
        SQLExecution.withSQLConfPropagated(session, () -> all.coalesce(TASKS).collect());
    for (Tuple2<String, byte[]> row : found) {
      counted
          .get(row._1())
          .merge(LiveViews.values(planned.get(row._1()).reader().read(row._2())), 1, Integer::sum);
    }
    return counted;
  }

  private Planned plan(String name, String sql, long micros) {
    Dataset<Row> result = ViewPlanner.batch(session, sql, micros);
    return new Planned(
        sql,
        new RowReader(result.schema()),
        result
            .queryExecution()
            .toRdd()
            .toJavaRDD()
            .mapToPair(row -> new Tuple2<>(name, ((UnsafeRow) row).getBytes().clone())),
        !hasExchange(result.queryExecution().executedPlan())
            && !sql.contains("now()")
            && !sql.contains("current_date()"));
  }

  private static boolean hasExchange(SparkPlan plan) {
    return plan instanceof Exchange
        || Expressions.list(plan.children()).stream().anyMatch(SparkResults::hasExchange);
  }
}
