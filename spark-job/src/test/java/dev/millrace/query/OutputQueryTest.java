package dev.millrace.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.OutputDefinition.Mode;
import dev.millrace.config.OutputDefinition.Scope;
import dev.millrace.config.SinkDefinition;
import dev.millrace.config.SourceDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TextEncoding;
import dev.millrace.error.UserException;
import dev.millrace.event.Relation;
import dev.millrace.query.OutputQuery.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutputQueryTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final SourceDefinition SOURCE =
      new KafkaSourceDefinition("localhost:9092", "orders", "earliest", 1, Map.of());

  private static final Relation LOOKUP =
      new Relation("songs", StructType.fromDDL("name STRING, tempo DOUBLE"));

  private static final TableDefinition TABLE =
      new TableDefinition(
          List.of("id"),
          TextEncoding.NONE,
          Set.of(),
          OnError.REJECT,
          List.of(
              new ColumnDefinition("id", "id", DataTypes.LongType, TimeUnit.NONE),
              new ColumnDefinition("value", "value", DataTypes.DoubleType, TimeUnit.NONE)));

  @Test
  void checksWhatItCanWithoutColumns() {
    OutputQuery.parse(
        SPARK.session(), "changes", output("SELECT fare FROM changes", Mode.APPEND, Scope.STREAM));
    assertThatThrownBy(
            () ->
                OutputQuery.parse(
                    SPARK.session(), "changes", output("SELEKT 1", Mode.APPEND, Scope.STREAM)))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("rides.yaml:7: outputs.test.sql: ");
    assertThatThrownBy(
            () ->
                OutputQuery.parse(
                    SPARK.session(), "changes", output("DROP TABLE x", Mode.APPEND, Scope.STREAM)))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("not a query");
  }

  @Test
  void takesEveryColumnWhereThereIsNoSql() {
    OutputQuery query = analyze(output(null, Mode.APPEND, Scope.STREAM));

    assertThat(query.shape()).isEqualTo(Shape.STATELESS);
    assertThat(query.relation().columns().fieldNames())
        .containsExactly(
            "id",
            "value",
            "op",
            "lsn",
            "tx_id",
            "source_ts",
            "snapshot",
            "unchanged",
            "topic",
            "partition",
            "offset");
    assertThat(query.neededColumns())
        .containsExactlyInAnyOrder(query.relation().columns().fieldNames());
  }

  @Test
  void knowsTheColumnsThatAResultDependsOn() {
    OutputQuery query =
        analyze(
            output(
                "SELECT id FROM (SELECT * FROM changes) WHERE op = 'u'",
                Mode.APPEND,
                Scope.STREAM));

    assertThat(query.neededColumns()).containsExactlyInAnyOrder("id", "op");
  }

  @Test
  void knowsAnAggregateForStateful() {
    OutputQuery query =
        analyze(
            output("SELECT op, avg(value) FROM changes GROUP BY op", Mode.UPDATE, Scope.STREAM));

    assertThat(query.shape()).isEqualTo(Shape.STATEFUL);
    assertThat(query.neededColumns()).containsExactlyInAnyOrder("op", "value");
  }

  /** What is decided when a plan is made would be the same in every batch that the plan serves. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SELECT id, value * 2 FROM changes WHERE op = 'u'                               | true
          WITH some AS (SELECT id FROM changes) SELECT explode(array(id, 1)) FROM some   | true
          SELECT id, now() FROM changes                                                  | false
          SELECT id FROM changes WHERE source_ts > current_timestamp - INTERVAL '1' HOUR | false
          SELECT id, current_date FROM changes                                           | false
          SELECT id, localtimestamp() FROM changes                                       | false
          SELECT id, unix_timestamp() FROM changes                                       | false
          SELECT id, uuid() FROM changes                                                 | false
          SELECT id, rand() FROM changes                                                 | false
          SELECT id, shuffle(array(id, 1)) FROM changes                                  | false
          WITH some AS (SELECT id, now() AS at FROM changes) SELECT * FROM some          | false
          SELECT id, tempo FROM changes LEFT JOIN songs ON name = op                     | false
          """)
  void knowsWhichPlanServesEveryBatch(String sql, boolean expected) {
    assertThat(analyze(output(sql, Mode.APPEND, Scope.STREAM)).hasFixedPlan()).isEqualTo(expected);
    assertThat(analyze(output(sql, Mode.APPEND, Scope.BATCH)).hasFixedPlan()).isFalse();
  }

  @Test
  void needsNoColumnToCount() {
    OutputQuery query =
        analyze(output("SELECT count(*) FROM changes", Mode.COMPLETE, Scope.STREAM));

    assertThat(query.neededColumns()).isEmpty();
  }

  @Test
  void allowsRowFunctionsInABatch() {
    String sql = "SELECT id, row_number() OVER (PARTITION BY op ORDER BY id) AS n FROM changes";

    assertThat(analyze(output(sql, Mode.APPEND, Scope.BATCH)).shape()).isEqualTo(Shape.BATCH);
    assertThatThrownBy(() -> analyze(output(sql, Mode.APPEND, Scope.STREAM)))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "rides.yaml:7: outputs.test.sql: a row function (OVER ...) needs the complete"
                + " input, and a stream has no end. Add 'scope: batch' to the output to number"
                + " the rows of each micro-batch.");
  }

  @Test
  void refusesSqlThatSparkCanNotAnalyze() {
    assertThatThrownBy(() -> analyze(output("SELECT fare FROM changes", Mode.APPEND, Scope.STREAM)))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("rides.yaml:7: outputs.test.sql: ")
        .hasMessageContaining("`fare` cannot be resolved");
    assertThatThrownBy(() -> analyze(output("SELEKT 1", Mode.APPEND, Scope.STREAM)))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Syntax error at or near 'SELEKT'");
  }

  @Test
  void refusesWhatAStreamCanNotGive() {
    assertThatThrownBy(
            () -> analyze(output("SELECT id FROM changes ORDER BY id", Mode.APPEND, Scope.STREAM)))
        .hasMessageContaining("complete input, and a stream has no end");
    assertThatThrownBy(() -> analyze(output("SELECT id FROM changes", Mode.COMPLETE, Scope.STREAM)))
        .hasMessageContaining("'mode: complete' delivers a whole result");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT a.id FROM changes a JOIN changes b ON a.id = b.id",
        "SELECT id FROM changes EXCEPT ALL SELECT 1L",
        "SELECT id FROM changes UNION ALL SELECT id FROM changes",
        "SELECT id FROM changes WHERE id IN (SELECT id FROM changes WHERE op = 'd')",
        "SELECT id FROM changes OFFSET 5",
        "SELECT c.id, v.label FROM changes c FULL JOIN VALUES ('c', 'create') AS v(code, label)"
            + " ON c.op = v.code"
      })
  void allowsWhatNeedsOtherRowsInABatchOnly(String sql) {
    assertThatThrownBy(() -> analyze(output(sql, Mode.APPEND, Scope.STREAM)))
        .hasMessageContaining("add 'scope: batch'");
    assertThat(analyze(output(sql, Mode.APPEND, Scope.BATCH)).shape()).isEqualTo(Shape.BATCH);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT id FROM (SELECT id, value FROM changes) | 1",
        "WITH c AS (SELECT id, upper(op) AS n FROM changes) SELECT id FROM c | 1",
        "SELECT id FROM changes WHERE value > (SELECT avg(value) FROM changes) | 1",
        "SELECT id FROM changes WHERE EXISTS (SELECT 1 FROM changes WHERE value > 3) | 1",
        "SELECT id FROM changes WHERE EXISTS (SELECT 1 FROM changes WHERE value > 9) | 0"
      })
  void runsOnTheNeededColumnsAlone(String sql, long rows) {
    OutputQuery query = analyze(output(sql, Mode.APPEND, Scope.BATCH));
    Dataset<Row> changes =
        SPARK
            .session()
            .sql("SELECT 7L AS id, 5.0D AS value, 'c' AS op")
            .union(SPARK.session().sql("SELECT 8L, 1.0D, 'u'"));
    Dataset<Row> needed =
        changes.select(query.neededColumns().stream().map(functions::col).toArray(Column[]::new));

    long found = query.over(needed, Map.of()).where("id = 7").count();

    assertThat(found).isEqualTo(rows);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM changes",
        "SELECT id FROM changes",
        "SELECT id, 0L AS offset FROM changes",
        "SELECT id, offset, partition FROM changes WHERE value > 0",
        "SELECT id FROM (SELECT id, value FROM changes) WHERE value > 1",
        "WITH dear AS (SELECT id, value AS fare FROM changes) SELECT id, fare FROM dear",
        "WITH a AS (SELECT * FROM changes), b AS (SELECT id FROM a) SELECT id FROM b",
        "SELECT id, tempo FROM changes LEFT JOIN songs ON op = name",
        "SELECT c.id, tempo FROM songs RIGHT JOIN (SELECT id, op FROM changes) c ON c.op = name",
        "SELECT id, word FROM changes LATERAL VIEW explode(split(op, ' ')) AS word"
      })
  void carriesThePositionOfEachMessageThroughRowByRowSql(String sql) {
    OutputQuery query = analyze(output(sql, Mode.APPEND, Scope.STREAM));
    Dataset<Row> changes =
        SPARK
            .session()
            .sql(
                "SELECT 7L AS id, 5.0D AS value, 'c' AS op, 900L AS tx_id, 'orders' AS topic,"
                    + " 2 AS partition, 41L AS offset");
    Dataset<Row> songs = SPARK.session().sql("SELECT 'c' AS name, 1.5D AS tempo");

    Dataset<Row> rows = query.ordered(changes, Map.of("songs", songs));

    assertThat(rows.columns())
        .startsWith(query.result().fieldNames())
        .endsWith("__order_partition", "__order_offset", "__order_tx_id", "__order_op")
        .hasSize(query.result().size() + 4);
    Row row = rows.collectAsList().get(0);
    assertThat(row.<Long>getAs("id")).isEqualTo(7L);
    assertThat(row.<Integer>getAs("__order_partition")).isEqualTo(2);
    assertThat(row.<Long>getAs("__order_offset")).isEqualTo(41L);
    assertThat(row.<Long>getAs("__order_tx_id")).isEqualTo(900L);
    assertThat(row.<String>getAs("__order_op")).isEqualTo("c");
  }

  @Test
  void carriesNoPositionThroughWhatSeveralMessagesMake() {
    OutputQuery query =
        analyze(
            output(
                "SELECT id, max(value) AS v FROM changes GROUP BY id", Mode.UPDATE, Scope.STREAM));
    Dataset<Row> changes =
        SPARK
            .session()
            .sql("SELECT 7L AS id, 5.0D AS value, 2 AS partition, 41L AS offset, 900L AS tx_id");

    assertThat(query.ordered(changes, Map.of()).columns()).containsExactly("id", "v");
  }

  @Test
  void needsTheColumnOfTheWatermark() {
    OutputDefinition output =
        new OutputDefinition(
            "test",
            Optional.of("SELECT op, count(*) FROM changes GROUP BY op"),
            "rides.yaml:7: outputs.test.sql",
            Mode.UPDATE,
            Scope.STREAM,
            Optional.of(new OutputDefinition.Watermark("source_ts", Duration.ofSeconds(10))),
            List.of(),
            new SinkDefinition.ConsoleSink(20));

    assertThat(analyze(output).neededColumns()).containsExactlyInAnyOrder("op", "source_ts");
  }

  @Test
  void runsNoCommand(@TempDir Path folder) throws IOException {
    Path kept = Files.writeString(folder.resolve("kept"), "kept");
    String sql =
        "INSERT OVERWRITE LOCAL DIRECTORY '%s' USING json SELECT id FROM changes".formatted(folder);

    assertThatThrownBy(() -> analyze(output(sql, Mode.APPEND, Scope.STREAM)))
        .hasMessageContaining("not a query. Expected SELECT");
    assertThat(kept).exists();
    assertThatThrownBy(() -> analyze(output("SET a = b", Mode.APPEND, Scope.STREAM)))
        .hasMessageContaining("not a query. Expected SELECT");
    assertThatThrownBy(() -> analyze(output("SELECT 1 AS id", Mode.APPEND, Scope.STREAM)))
        .hasMessageContaining("does not read the relation 'changes'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT reflect('java.lang.System', 'getenv', 'HOME') AS home FROM changes",
        "SELECT id FROM changes WHERE `Java_Method`('java.util.UUID', 'randomUUID') <> ''",
        "WITH x AS (SELECT id, reflect('a', 'b') AS r FROM changes) SELECT id FROM x",
        "SELECT id FROM changes WHERE EXISTS (SELECT 1 WHERE upper(reflect('a', 'b')) = 'A')",
        "SELECT TRANSFORM (id) USING 'cat' AS (id STRING) FROM changes"
      })
  void rejectsSqlThatRunsWhatIsOutsideThePipeline(String sql) {
    assertThatThrownBy(() -> analyze(output(sql, Mode.APPEND, Scope.STREAM)))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("rides.yaml:7: outputs.test.sql: ")
        .hasMessageContaining("which the SQL of a pipeline may not do");
  }

  @Test
  void refusesAKeyThatTheResultLacks() {
    OutputDefinition output =
        new OutputDefinition(
            "test",
            Optional.of("SELECT op FROM changes"),
            "rides.yaml:7: outputs.test.sql",
            Mode.APPEND,
            Scope.STREAM,
            Optional.empty(),
            List.of("id"),
            new SinkDefinition.ConsoleSink(20));

    assertThatThrownBy(() -> analyze(output))
        .hasMessage(
            "rides.yaml:7: outputs.test.sql: the output's key names 'id', which the SQL does not"
                + " return. Use one of op.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT id, tempo FROM changes LEFT JOIN songs ON snapshot = name",
        "SELECT id, tempo FROM songs RIGHT JOIN changes ON snapshot = name",
        "SELECT id, tempo FROM changes JOIN (SELECT max(tempo) AS tempo, name FROM songs GROUP BY name)"
            + " ON snapshot = name",
        "SELECT id FROM changes LEFT ANTI JOIN songs ON snapshot = name"
      })
  void aLookupMakesRowsOfSingleRows(String sql) {
    OutputQuery query = analyze(output(sql, Mode.APPEND, Scope.STREAM));

    assertThat(query.shape()).isEqualTo(Shape.STATELESS);
    assertThat(query.neededColumns()).containsExactlyInAnyOrder("id", "snapshot");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT id, tempo FROM changes FULL JOIN songs ON snapshot = name",
        "SELECT id, tempo FROM songs LEFT JOIN changes ON snapshot = name",
        "SELECT a.id FROM changes a JOIN changes b ON a.id = b.id"
      })
  void otherJoinsNeedAllRows(String sql) {
    assertThatThrownBy(() -> analyze(output(sql, Mode.APPEND, Scope.STREAM)))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("joins");
  }

  @Test
  void aLookupAloneIsNoStream() {
    assertThatThrownBy(() -> analyze(output("SELECT * FROM songs", Mode.APPEND, Scope.STREAM)))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("does not read the relation 'changes'");
  }

  private static OutputQuery analyze(OutputDefinition output) {
    return OutputQuery.analyze(SPARK.session(), SOURCE.relation(TABLE), List.of(LOOKUP), output);
  }

  private static OutputDefinition output(String sql, Mode mode, Scope scope) {
    return new OutputDefinition(
        "test",
        Optional.ofNullable(sql),
        "rides.yaml:7: outputs.test.sql",
        mode,
        scope,
        Optional.empty(),
        List.of(),
        new SinkDefinition.ConsoleSink(20));
  }
}
