package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.pipeline.batch.StorableRows;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import java.io.PrintWriter;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The folders of {@code partition-by}, read by DuckDB and by Spark's own reader. */
class PartitionValuesTest {

  private static final String NULLS = "__HIVE_DEFAULT_PARTITION__";

  private static final List<String> TEXTS =
      Arrays.asList(
          null,
          " ",
          "  two ",
          "a b",
          "%",
          "%20",
          "%2F",
          "100%",
          "=",
          "a=b",
          "/",
          "a/../b",
          "..",
          ":",
          "12:30",
          "é",
          "\u65e5\u672c",
          "\ud83d\ude00",
          "null",
          "NULL",
          "007",
          "1e3",
          "true",
          "2026-11-29",
          "_hidden",
          ".hidden",
          "a\tb",
          "a\nb",
          "\\",
          "a,b",
          "'",
          "\"",
          "*?[]{}^#",
          "\u0001",
          "\u007f",
          "__hive_default_partition__");

  private static SparkSession session;

  @TempDir Path folder;

  @BeforeAll
  static void open() {
    session = SparkSessions.open("partitions", Map.of("spark.master", "local[2]"));
  }

  @AfterAll
  static void close() {
    session.stop();
  }

  @Test
  void readsTextsBackAndNeitherConfusesNullsNorEmptyTexts() throws Exception {
    List<String> stored = new ArrayList<>(TEXTS);
    List<String> unstorable = List.of("", NULLS, "x".repeat(260), "nul\u0000");
    List<String> all = new ArrayList<>(stored);
    all.addAll(unstorable);
    Dataset<Row> rows =
        session.createDataFrame(
            IntStream.range(0, all.size())
                .mapToObj(id -> RowFactory.create(id, all.get(id)))
                .toList(),
            StructType.fromDDL("id INT, p STRING"));

    List<Row> left = deliver(rows);

    assertThat(left)
        .extracting(row -> all.get(row.getInt(0)))
        .containsExactlyElementsOf(unstorable);
    // DuckDB takes the word for null, in any case.
    List<String> byDuckDb =
        stored.stream().map(text -> "null".equalsIgnoreCase(text) ? null : text).toList();
    assertThat(duckDb("VARCHAR")).containsExactlyElementsOf(byDuckDb);
    assertThat(spark("STRING")).containsExactlyElementsOf(stored);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          DATE           | DATE           | 0001-01-01, 1582-10-04, 1582-10-15, 1969-12-31, 2024-02-29, 9999-12-31
          TIMESTAMP_NTZ  | TIMESTAMP      | 0001-01-01 00:00:00, 1969-12-31 23:59:59.999999, 2026-11-29 17:05:00, 9999-12-31 23:59:59.999999
          TIMESTAMP      | TIMESTAMP      | 1883-11-18 17:00:00.000001, 2026-11-29 17:05:00.5, 9999-12-31 23:59:59.999999
          INT            | INTEGER        | -2147483648, -1, 0, 7, 2147483647
          BIGINT         | BIGINT         | -9223372036854775808, -1, 9223372036854775807
          DECIMAL(38,10) | DECIMAL(38,10) | -9999999999999999999999999999.9999999999, -0.0000000001, 0.0000000000, 12.5000000000
          BOOLEAN        | BOOLEAN        | false, true
          """)
  void readsTypedValuesBack(String type, String duckType, String values) throws Exception {
    List<String> each = new ArrayList<>(List.of(values.split(", ")));
    each.add(null);
    Dataset<Row> rows =
        session
            .createDataFrame(
                IntStream.range(0, each.size())
                    .mapToObj(id -> RowFactory.create(id, each.get(id)))
                    .toList(),
                StructType.fromDDL("id INT, p STRING"))
            .withColumn("p", functions.col("p").cast(type));

    assertThat(deliver(rows)).isEmpty();

    assertThat(duckDb(duckType)).containsExactlyElementsOf(each);
    assertThat(spark(type)).containsExactlyElementsOf(each);
  }

  /** Delivers the rows that the sink can store, and returns the others. */
  private List<Row> deliver(Dataset<Row> rows) throws Exception {
    OutputDefinition output =
        new OutputDefinition(
            "parts",
            Optional.empty(),
            "",
            OutputDefinition.Mode.APPEND,
            OutputDefinition.Scope.STREAM,
            Optional.empty(),
            List.of(),
            new FileSink("parquet", folder.resolve("parts").toString(), List.of("p")));
    Sinks sinks =
        new Sinks(
            SinkConnectors.STANDARD,
            "partitions",
            session.sparkContext().hadoopConfiguration(),
            new PrintWriter(Writer.nullWriter()),
            80);
    try (Sink sink =
        sinks.open(output, new org.apache.hadoop.fs.Path(folder.resolve("checkpoint").toUri()))) {
      sink.begin("checkpoint", 0);
      StorableRows storable = new StorableRows(session, output, sink.limits(rows.schema()));
      sink.deliver(new Batch(0, "checkpoint", false, storable.of(rows), rdd -> Optional.empty()));
      List<Integer> kept =
          storable.of(rows).collectAsList().stream().map(row -> row.getInt(0)).toList();
      return rows.orderBy("id").collectAsList().stream()
          .filter(row -> !kept.contains(row.getInt(0)))
          .toList();
    }
  }

  /** DuckDB 1.4 takes the folder of nulls for a text, of any type. */
  private List<String> duckDb(String type) throws Exception {
    List<String> read = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT CAST(CAST(nullif(p, '%s') AS %s) AS VARCHAR) FROM read_parquet('%s/parts/batch=*/**/*.parquet', hive_partitioning = true, hive_types = {'p': VARCHAR}) ORDER BY id"
                    .formatted(NULLS, type, folder))) {
      while (rows.next()) {
        read.add(rows.getString(1));
      }
    }
    return read;
  }

  private List<String> spark(String type) {
    return session
        .read()
        .schema("id INT, batch BIGINT, p " + type)
        .parquet(folder.resolve("parts").toString())
        .orderBy("id")
        .select(functions.col("p").cast("string"))
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .map(text -> type.startsWith("DECIMAL") ? plain(text) : text)
        .toList();
  }

  /** Spark writes small decimals with an exponent. */
  private static String plain(String decimal) {
    return decimal == null ? null : new BigDecimal(decimal).toPlainString();
  }
}
