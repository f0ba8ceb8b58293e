package dev.millrace.view;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.execution.SQLExecution;
import org.apache.spark.sql.types.StructType;
import scala.Tuple2;

/**
 * What Spark's batch engine makes of queries over a table's rows, the rows counted: all queries in
 * one job, a task each.
 */
final class SparkResults {

  private final SparkSession session;
  private final StructType columns;

  SparkResults(SparkSession session, StructType columns) {
    this.session = session.newSession();
    this.columns = columns;
    this.session.conf().set("spark.sql.ansi.enabled", "true");
    this.session.conf().set("spark.sql.shuffle.partitions", "1");
    this.session.conf().set("spark.sql.adaptive.enabled", "false");
    // Compiled, each query of a test would be a class that runs once.
    this.session.conf().set("spark.sql.codegen.wholeStage", "false");
    this.session.conf().set("spark.sql.codegen.factoryMode", "NO_CODEGEN");
  }

  /**
   * The results of queries over {@code t}.
   *
   * @param sql queries by name
   * @param rows of the table
   */
  Map<String, Map<List<Object>, Integer>> of(Map<String, String> sql, List<Row> rows) {
    // One partition: an aggregate needs no exchange.
    session.createDataFrame(rows, columns).coalesce(1).createOrReplaceTempView("t");
    List<String> names = List.copyOf(sql.keySet());
    List<RowReader> readers = new ArrayList<>();
    List<JavaPairRDD<Integer, byte[]>> results = new ArrayList<>();
    Map<String, Map<List<Object>, Integer>> counted = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      Dataset<Row> result = session.sql(sql.get(names.get(i)));
      int number = i;
      readers.add(new RowReader(result.schema()));
      counted.put(names.get(i), new LinkedHashMap<>());
      results.add(
          result
              .queryExecution()
              .toRdd()
              .toJavaRDD()
              .mapToPair(row -> new Tuple2<>(number, ((UnsafeRow) row).getBytes().clone())));
    }
    @SuppressWarnings({"unchecked", "rawtypes"})
    JavaPairRDD<Integer, byte[]> all =
        JavaSparkContext.fromSparkContext(session.sparkContext())
            .union(results.toArray(JavaPairRDD[]::new));
    List<Tuple2<Integer, byte[]>> found =
        SQLExecution.withSQLConfPropagated(session, () -> all.collect());
    for (Tuple2<Integer, byte[]> row : found) {
      counted
          .get(names.get(row._1()))
          .merge(LiveViews.values(readers.get(row._1()).read(row._2())), 1, Integer::sum);
    }
    return counted;
  }
}
