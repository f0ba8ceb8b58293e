package dev.millrace.sink.postgres;

import static dev.millrace.sink.ReadRows.texts;
import static dev.millrace.sink.ReadRows.withoutFirst;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.StackExtension;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.OutputDefinition.Mode;
import dev.millrace.config.OutputDefinition.Scope;
import dev.millrace.config.SinkDefinition.Create;
import dev.millrace.config.SinkDefinition.OnTruncate;
import dev.millrace.config.SinkDefinition.PostgresSink;
import dev.millrace.config.SinkDefinition.PostgresSink.Guard;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import dev.millrace.sink.Sink.Delivery;
import dev.millrace.sink.SinkContents;
import dev.millrace.sink.SinkContext;
import dev.millrace.sink.SinkReader.Held;
import dev.millrace.sink.StorageLimit;
import dev.millrace.stack.LocalStack;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Batches that are handed to the sink itself, in a database of their own, and what another session
 * reads there.
 */
@ExtendWith(StackExtension.class)
class PostgresMergeSinkIT {

  private static final UUID RUN = new UUID(1, 2);
  private static final String CHECKPOINT = "6f0d2a3e-0000-4000-8000-000000000001";

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  @TempDir Path folder;

  private SinkDatabase database;
  private String table;
  private final StringWriter console = new StringWriter();

  @BeforeEach
  void makeDatabase(TestInfo test, LocalStack running) throws SQLException {
    // Names of tests are longer than those of tables.
    table = "t" + Integer.toHexString(test.getDisplayName().hashCode());
    database = SinkDatabase.of(running, "sinks");
  }

  @Test
  void keepsTheRowsOfEachKeyNullsIncluded() throws Exception {
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 1), ('c', null, 2), ('c', '', 3)"));
      assertThat(held()).containsExactly("null=2", "=3", "a=1");

      deliver(sink, 1, changes("('c', null, 20), ('d', '', 0), ('c', 'b', 4)"));
      assertThat(held()).containsExactly("null=20", "a=1", "b=4");

      deliver(sink, 2, changes("('d', null, 0), ('d', 'a', 0), ('d', 'never there', 0)"));
      assertThat(held()).containsExactly("b=4");
    }
    assertThat(
            rows(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '%s'::regclass",
                table))
        .containsExactly("UNIQUE NULLS NOT DISTINCT (name)");
  }

  @Test
  void aKeyThatIsNeverNullIsThePrimaryKey() throws Exception {
    StructType type = StructType.fromDDL("op STRING NOT NULL, name STRING NOT NULL, n INT");
    try (Sink sink = begun(0, view("name"), type)) {
      deliver(sink, 0, changes("('c', 'a', 1)"));
    }

    assertThat(
            rows(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                    + " WHERE conrelid = '%s'::regclass AND contype = 'p'",
                table))
        .containsExactly("PRIMARY KEY (name)");
    assertThat(held()).containsExactly("a=1");
  }

  @Test
  void anAggregateWithoutGroupsIsOneRow() throws Exception {
    try (Sink sink = begun(0, view())) {
      deliver(sink, 0, changes("('c', 'all', 1)"));
      deliver(sink, 1, changes("('c', 'all', 2)"));
      deliver(sink, 2, changes("").limit(0));
    }

    assertThat(held()).containsExactly("all=2");
  }

  @Test
  void outputsOverChangesAddRowsAndTheirAggregatesReplaceThem() throws Exception {
    StructType type = StructType.fromDDL("op STRING, name STRING, n INT");
    try (Sink sink = begun(0, output(Mode.APPEND, "name"), type, false)) {
      deliver(sink, 0, changes("('c', 'a', 1), ('u', 'a', 2)"));
      deliver(sink, 1, changes("('d', 'a', null)"));
    }
    assertThat(rows("SELECT op || coalesce(n::text, '') FROM %s ORDER BY 1", table))
        .containsExactly("c1", "d", "u2");

    execute("DROP TABLE %1$s; DELETE FROM millrace_marks WHERE target = '%1$s'", table);
    try (Sink sink = begun(0, output(Mode.UPDATE, "name"), type, false)) {
      deliver(sink, 0, changes("('c', 'a', 1), ('c', 'b', 2)"));
      deliver(sink, 1, changes("('c', 'a', 3)"));
    }
    assertThat(held()).containsExactly("a=3", "b=2");

    execute("DROP TABLE %1$s; DELETE FROM millrace_marks WHERE target = '%1$s'", table);
    try (Sink sink = begun(0, output(Mode.COMPLETE, "name"), type, false)) {
      deliver(sink, 0, changes("('c', 'a', 1), ('c', 'b', 2)"));
      deliver(sink, 1, changes("('c', 'c', 3)"));
    }
    assertThat(held()).containsExactly("c=3");
  }

  @Test
  void aBatchIsStoredOnceHoweverOftenItIsDelivered() throws Exception {
    StructType type = StructType.fromDDL("op STRING, name STRING, n INT");
    Dataset<Row> rows = changes("('c', 'a', 1)");
    try (Sink sink = begun(0, output(Mode.APPEND), type, false)) {
      assertThat(deliver(sink, 0, rows)).isEqualTo(Delivery.DELIVERED);
      assertThat(deliver(sink, 0, rows)).isEqualTo(Delivery.WAS_DELIVERED);
    }
    try (Sink again = begun(0, output(Mode.APPEND), type, false)) {
      assertThat(deliver(again, 0, rows)).isEqualTo(Delivery.WAS_DELIVERED);
      assertThat(deliver(again, 1, rows)).isEqualTo(Delivery.DELIVERED);
    }

    assertThat(held()).containsExactly("a=1", "a=1");
    assertThat(rows("SELECT batch, checkpoint FROM millrace_marks WHERE target = '%s'", table))
        .containsExactly("1|" + CHECKPOINT);
  }

  @Test
  void aRunThatAnotherHasFollowedStoresNothingMore() throws Exception {
    try (Sink first = begun(0, view("name"))) {
      deliver(first, 0, changes("('c', 'a', 1)"));
      try (Sink second = begun(1, view("name"))) {
        assertThatThrownBy(() -> deliver(first, 1, changes("('c', 'a', 100)")))
            .hasMessageMatching(
                "table public.%s at jdbc:postgresql://localhost:\\d+/sinks: another run of the same checkpoint has taken it over \\(process %d on \\S+ since \\S+, run [0-9a-f-]{36}\\), so this one does not deliver batch 1\\. Expected one run of a pipeline's output at a time\\. End one of the two\\."
                    .formatted(table, ProcessHandle.current().pid()));
        deliver(second, 1, changes("('c', 'b', 2)"));
      }
    }

    assertThat(held()).containsExactly("a=1", "b=2");
  }

  @Test
  void aTableThatIsNotTheCheckpointsIsRefused() throws Exception {
    assertThatThrownBy(() -> begun(3, view("name")))
        .hasMessageContaining("sinks.postgres.table: table public.%s at ".formatted(table))
        .hasMessageContaining("the checkpoint continues with batch 3")
        .hasMessageContaining("./millrace rebuild PIPELINE");
    execute("CREATE TABLE %s (name text UNIQUE NULLS NOT DISTINCT, n int)", table);
    assertThatThrownBy(() -> begun(3, view("name")))
        .hasMessageContaining("millrace_marks knows nothing of table public." + table);
    execute("INSERT INTO %s VALUES ('foreign', 1)", table);
    assertThatThrownBy(() -> begun(0, view("name")))
        .hasMessageContaining(
            "has rows that Millrace has not written, and would not be a copy of the result. Empty it"
                + " (TRUNCATE \"public\".\"%s\"), or name another table.".formatted(table));
    execute("TRUNCATE %s", table);
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 1)"));
    }
    assertThatThrownBy(() -> begun(5, view("name")))
        .hasMessageContaining("ends with batch 0, and the checkpoint continues with batch 5");
    assertThatThrownBy(
            () -> {
              Sink other = sink(view("name"), true, Optional.empty());
              other.begin("another-checkpoint", 0);
              other.prepare(TYPE);
            })
        .hasMessageContaining(
            "belongs to output 'totals' of pipeline 'rides' with the checkpoint "
                + CHECKPOINT
                + "; this run has the checkpoint another-checkpoint.");
  }

  @Test
  void aTableThatIsThereIsComparedColumnByColumn() throws Exception {
    execute(
        "CREATE TABLE %s (name varchar(5), n smallint, more text NOT NULL, twice int GENERATED"
            + " ALWAYS AS (n * 2) STORED, spare int)",
        table);
    StructType type =
        StructType.fromDDL("op STRING, name STRING, n INT, twice INT, price DECIMAL(10,2)");

    assertThatThrownBy(() -> begun(0, view("name"), type))
        .hasMessage(
            "output totals: table public.%1$s at %2$s does not fit: the column 'n' is smallint there; for the output's int it has to be integer or bigint or numeric; the column 'twice' is generated there, and can't be written; it lacks the column 'price' (ALTER TABLE \"public\".\"%1$s\" ADD COLUMN \"price\" numeric(10,2)); it has the column 'more', which is NOT NULL without a default and is not in the output; it has no unique constraint, valid and not deferrable, over exactly (name) (ALTER TABLE \"public\".\"%1$s\" ADD UNIQUE NULLS NOT DISTINCT (\"name\")). Change the table or the output's SQL; a table that Millrace created is removed with ./millrace reset PIPELINE --output totals --delete-output."
                .formatted(table, url()));

    execute("DROP TABLE %1$s; CREATE TABLE %1$s (name text UNIQUE, n int)", table);
    assertThatThrownBy(() -> begun(0, view("name")))
        .hasMessageContaining(
            "its unique constraint over (name) takes nulls for distinct, and the output's key may be null");
    execute("DROP TABLE %1$s; CREATE VIEW %1$s AS SELECT 'a' AS name, 1 AS n", table);
    assertThatThrownBy(() -> begun(0, view("name")))
        .hasMessageContaining("does not fit: it is a view, and not a table.");
  }

  @Test
  void whatATableDoesNotTakeIsALimitOfTheRow() throws Exception {
    execute(
        "CREATE TABLE %s (name varchar(5) NOT NULL UNIQUE, n numeric(4,1), note text NOT NULL, day"
            + " date, at timestamptz, list jsonb)",
        table);
    StructType type =
        StructType.fromDDL(
            "op STRING, name STRING, n DECIMAL(10,2), note STRING, day DATE, at TIMESTAMP, list"
                + " ARRAY<STRING>");
    String good =
        "'c' AS op, 'a' AS name, CAST(1.5BD AS DECIMAL(10,2)) AS n, '' AS note, DATE'2026-01-01' AS day,"
            + " TIMESTAMP'2026-01-01 00:00:00' AS at, array('x') AS list";
    try (Sink sink = begun(0, view("name"), type)) {
      List<StorageLimit> limits = sink.limits(type);
      assertThat(exceeded(limits, good)).isEmpty();
      assertThat(exceeded(limits, good.replace("'' AS note", "'a\\u0000b' AS note")))
          .containsExactly("note");
      assertThat(exceeded(limits, good.replace("'' AS note", "CAST(X'61FF' AS STRING) AS note")))
          .containsExactly("note");
      assertThat(exceeded(limits, good.replace("'' AS note", "CAST(NULL AS STRING) AS note")))
          .containsExactly("note");
      assertThat(exceeded(limits, good.replace("'a' AS name", "'abcdef' AS name")))
          .containsExactly("name");
      assertThat(exceeded(limits, good.replace("1.5BD", "999.9BD"))).isEmpty();
      assertThat(exceeded(limits, good.replace("1.5BD", "-1000.0BD"))).containsExactly("n");
      assertThat(exceeded(limits, good.replace("1.5BD", "1.55BD"))).containsExactly("n");
      assertThat(
              exceeded(limits, good.replace("DATE'2026-01-01'", "date_from_unix_date(-2440588)")))
          .isEmpty();
      assertThat(
              exceeded(limits, good.replace("DATE'2026-01-01'", "date_from_unix_date(-2440589)")))
          .containsExactly("day");
      assertThat(
              exceeded(
                  limits,
                  good.replace(
                      "TIMESTAMP'2026-01-01 00:00:00'", "timestamp_micros(-210866803200000001L)")))
          .containsExactly("at");
      assertThat(exceeded(limits, good.replace("array('x')", "array('x\\u0000')")))
          .containsExactly("list");
      // Six characters that are not an escape.
      assertThat(exceeded(limits, good.replace("array('x')", "array(r'\\u0000')"))).isEmpty();
      // What is removed needs its key alone.
      assertThat(
              exceeded(
                  limits,
                  good.replace("'c' AS op", "'d' AS op")
                      .replace("'' AS note", "CAST(NULL AS STRING) AS note")))
          .isEmpty();
      deliver(
          sink,
          0,
          SPARK
              .session()
              .sql(
                  "SELECT "
                      + good.replace("DATE'2026-01-01'", "date_from_unix_date(-2440588)")
                          .replace("array('x')", "array(r'\\u0000', NULL)")
                          .replace(
                              "TIMESTAMP'2026-01-01 00:00:00'",
                              "timestamp_micros(-210866803200000000L)")));
    }
    assertThat(rows("SELECT day, at AT TIME ZONE 'UTC', list FROM %s", table))
        .containsExactly("4714-11-24 BC|4714-11-24 00:00:00 BC|[\"\\\\u0000\", null]");
  }

  @Test
  void everyTypeRoundTrips() throws Exception {
    Dataset<Row> rows =
        SPARK
            .session()
            .sql(
                """
                SELECT 'c' AS op, 1 AS id, true AS `yes "no"`, 1Y AS tiny, -32768S AS small, 2147483647 AS whole,
                  -9223372036854775808L AS big, CAST(1.5 AS FLOAT) AS single, 4.9E-324D AS least,
                  CAST('NaN' AS DOUBLE) AS nan, CAST('-Infinity' AS DOUBLE) AS infinite,
                  12345678901234567890123456789.123456789BD AS exact, 'tab\\t line\\n \\\\N back\\\\slash \\r ü 🚕' AS text,
                  '' AS empty, X'00FF5C' AS bytes, DATE'0044-03-15' AS day, TIMESTAMP'2026-11-30 08:09:10.123456Z' AS at,
                  TIMESTAMP_NTZ'9999-12-31 23:59:59.999999' AS local, INTERVAL '-1 02:03:04.000005' DAY TO SECOND AS took,
                  INTERVAL '-1-2' YEAR TO MONTH AS months, array(1.5D, NULL) AS list, map('k', NULL, 'l', 'v') AS pairs,
                  named_struct('a', 1, 'b', CAST(NULL AS STRING), 'c', TIMESTAMP'2026-11-30 08:09:10.123456Z') AS parts
                UNION ALL SELECT 'c', 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                  NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
                UNION ALL SELECT 'c', 3, false, -1Y, 0S, 0, 0L, CAST('Infinity' AS FLOAT), -0.0D, 1D, 1D, -0.000000001BD,
                  '\\\\.', ' ', X'', date_from_unix_date(-1000000), timestamp_micros(-62135596800000001L),
                  TIMESTAMP_NTZ'0001-01-01 00:00:00', INTERVAL '100000000' DAY, INTERVAL '0' MONTH,
                  array(), map(), named_struct('a', NULL, 'b', 'x', 'c', NULL)
                """);
    StructType result = withoutFirst(rows.schema());
    try (Sink sink = begun(0, view("id"), rows.schema())) {
      deliver(sink, 0, rows);
    }

    Held held = read(result);
    assertThat(texts(held.rows())).isEqualTo(texts(rows.drop("op")));
    assertThat(held.batch()).hasValue(0);
    assertThat(
            rows(
                "SELECT string_agg(format_type(atttypid, atttypmod), ', ' ORDER BY attnum)"
                    + " FROM pg_attribute WHERE attrelid = '%s'::regclass AND attnum > 0",
                table))
        .containsExactly(
            "integer, boolean, smallint, smallint, integer, bigint, real, double precision, double"
                + " precision, double precision, numeric(38,9), text, text, bytea, date, timestamp with"
                + " time zone, timestamp without time zone, interval, interval, jsonb, jsonb, jsonb");
    assertThat(
            rows(
                "SELECT text, bytes, day, at AT TIME ZONE 'UTC', took, months, list, pairs, exact, nan"
                    + " FROM %s WHERE id = 1",
                table))
        .containsExactly(
            "tab\t line\n \\N back\\slash \r ü 🚕|\\x00ff5c|0044-03-15|2026-11-30 08:09:10.123456|-1"
                + " days -02:03:04.000005|-1 years -2 mons|[1.5, null]|{\"k\": null, \"l\":"
                + " \"v\"}|12345678901234567890123456789.123456789|NaN");
    assertThat(rows("SELECT day, text, at AT TIME ZONE 'UTC' FROM %s WHERE id = 3", table))
        .containsExactly("0769-02-04 BC|\\.|0001-12-31 23:59:59.999999 BC");
  }

  @Test
  void manyRowsGoThroughStagingTablesThatAreDropped() throws Exception {
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, large(1));
      assertThat(rows("SELECT count(*), sum(n) FROM %s", table)).containsExactly("20000|20000");
      deliver(sink, 1, large(2).union(changes("('d', 'x', 0)")));
      assertThat(stagingTables()).isEmpty();
      // Of a run that was killed.
      execute("CREATE TABLE \"%s17_0_0\" (n int)", StagingTables.of(access(), RUN).ofRun());
      assertThat(stagingTables()).hasSize(1);
    }
    try (Sink sink = begun(2, view("name"))) {
      assertThat(stagingTables()).isEmpty();
      deliver(sink, 2, large(0).withColumn("op", functions.lit("d")));
    }
    assertThat(rows("SELECT count(*) FROM %s", table)).containsExactly("0");
  }

  /** A server that crashes empties unlogged tables. */
  @Test
  void stagingTablesThatHaveLostTheirRowsAreFilledAgain() throws Exception {
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 1)"));
      try (Connection locking = lockedMark();
          Background delivery = new Background(() -> deliver(sink, 1, large(1)))) {
        awaitWaiting();
        List<String> staged = stagingTables();
        assertThat(staged).isNotEmpty();
        for (String each : staged) {
          execute("TRUNCATE \"%s\"", each);
        }
        locking.commit();
        delivery.end();
      }
      assertThat(stagingTables()).isEmpty();
    }

    assertThat(rows("SELECT count(*), sum(n) FROM %s", table)).containsExactly("20001|20001");
  }

  /**
   * Sessions of the sink are ended in the middle of their transactions, then at any moment, while a
   * reader looks: each batch is there as a whole, once.
   */
  @Test
  void sessionsThatAreCutLoseAndRepeatNothing() throws Exception {
    List<String> partial = new ArrayList<>();
    AtomicInteger seen = new AtomicInteger();
    int batch = 0;
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, many(batch));
      try (Background reading =
          new Background(
              isOver -> {
                while (!isOver.getAsBoolean()) {
                  String found =
                      rows(
                              "SELECT count(*), min(n), max(n), (SELECT batch FROM millrace_marks"
                                  + " WHERE target = '%1$s') FROM %1$s",
                              table)
                          .get(0);
                  seen.incrementAndGet();
                  String mark = found.substring(found.lastIndexOf('|') + 1);
                  if (!found.equals("500|%1$s|%1$s|%1$s".formatted(mark))) {
                    partial.add(found);
                  }
                }
              })) {
        for (int cut = 0; cut < 3; cut++) {
          int next = ++batch;
          try (Connection locking = lockedMark();
              Background delivery = new Background(() -> deliver(sink, next, many(next)))) {
            awaitWaiting();
            assertThat(rows(CUT, "wait_event_type = 'Lock'")).containsExactly("t");
            locking.commit();
            delivery.end();
          }
        }
        try (Background cutting =
            new Background(
                isOver -> {
                  for (int cut = 0; cut < 2 && !isOver.getAsBoolean(); ) {
                    cut += rows(CUT, "state <> 'idle'").size();
                  }
                })) {
          for (int i = 0; i < 10; i++) {
            batch++;
            deliver(sink, batch, many(batch));
          }
          cutting.end();
        }
        reading.end();
      }
    }

    assertThat(partial).isEmpty();
    assertThat(seen).hasValueGreaterThan(10);
    assertThat(rows("SELECT count(*), min(n), max(n) FROM %s", table))
        .containsExactly("500|%1$d|%1$d".formatted(batch));
    assertThat(console.toString())
        .contains("can't be used now", "trying again in 1 s", "answers again");
  }

  @Test
  void aServerThatStaysAwayEndsTheRunOnceTheTimeoutExpires() throws Exception {
    PostgresSink nowhere =
        new PostgresSink(
            "jdbc:postgresql://localhost:1/nowhere",
            "postgres",
            "",
            "public",
            table,
            Create.IF_MISSING,
            Guard.NONE,
            Duration.ofDays(7),
            OnTruncate.FAIL,
            Duration.ofSeconds(1));
    try (Sink sink = opened(output(nowhere, Mode.APPEND), true, Optional.empty())) {
      sink.begin(CHECKPOINT, 0);
      assertThatThrownBy(() -> sink.prepare(TYPE))
          .hasMessageStartingWith(
              "Postgres at jdbc:postgresql://localhost:1/nowhere can't be used, also after retries for 1"
                  + " s (")
          .hasMessageContaining("sinks.postgres.retry-timeout");
    }
  }

  @Test
  void whatIsWrongAtTheStartIsReportedWithItsFix() throws Exception {
    execute(
        "DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'secret-of-reader';"
            + " CREATE TABLE %s (name text UNIQUE NULLS NOT DISTINCT, n int);"
            + " GRANT SELECT, INSERT ON %1$s TO reader",
        table);
    assertThatThrownBy(() -> prepared("reader", "wrong", url(), "public", Create.NEVER))
        .hasMessageStartingWith(
            "sinks.postgres.user: Postgres at %s does not let 'reader' in (".formatted(url()))
        .hasMessageContaining("PGPASSWORD")
        .hasMessageNotContaining("wrong");
    assertThatThrownBy(() -> prepared("reader", "secret-of-reader", url(), "public", Create.NEVER))
        .hasMessageContaining("'reader' lacks the privileges UPDATE, DELETE, CREATE ON SCHEMA.");
    assertThatThrownBy(
            () -> prepared("postgres", password(), url() + "_no", "public", Create.NEVER))
        .hasMessageContaining("sinks.postgres.url: ")
        .hasMessageContaining("does not exist");
    assertThatThrownBy(() -> prepared("postgres", password(), url(), "no\"where", Create.NEVER))
        .hasMessageContaining(
            "has no schema 'no\"where'. Run CREATE SCHEMA \"no\"\"where\", or name");
    execute("DROP TABLE %s", table);
    assertThatThrownBy(() -> prepared("postgres", password(), url(), "public", Create.NEVER))
        .hasMessageContaining("sinks.postgres.create: if-missing. It would be: CREATE TABLE ")
        .hasMessageContaining(
            "(\"name\" text, \"n\" integer, UNIQUE NULLS NOT DISTINCT (\"name\"))");
    execute("DROP ROLE reader");
  }

  @Test
  void aTableThatTheConnectorCapturesIsRefused() throws Exception {
    execute(
        "CREATE TABLE captured (id int PRIMARY KEY); CREATE PUBLICATION a_list FOR TABLE captured");
    try (Sink sink = sink(view("name"), true, Optional.of("public.captured"))) {
      sink.begin(CHECKPOINT, 0);
      sink.prepare(TYPE);
    }
    execute("CREATE PUBLICATION everything FOR ALL TABLES");
    try {
      assertThatThrownBy(
              () -> {
                Sink sink = sink(view("name"), true, Optional.of("public.captured"));
                sink.begin(CHECKPOINT, 0);
                sink.prepare(TYPE);
              })
          .hasMessageContaining(
              "is in the publication everything, and so is public.captured, which the pipeline reads")
          .hasMessageContaining("CREATE PUBLICATION ... FOR TABLE public.captured");
      // A table in a database that the pipeline does not read.
      try (Sink sink = sink(view("name"), true, Optional.of("public.elsewhere"))) {
        sink.begin(CHECKPOINT, 0);
        sink.prepare(TYPE);
      }
    } finally {
      execute("DROP PUBLICATION everything; DROP PUBLICATION a_list; DROP TABLE captured");
    }
  }

  @Test
  void resetShowsAndDeletesTheRowsAndTheMark() throws Exception {
    OutputDefinition output = output(view("name"));
    SinkContents contents =
        new PostgresConnector().contents("rides", output, new Configuration()).orElseThrow();
    assertThat(contents.description()).isEmpty();
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 1), ('c', 'b', 2)"));
    }

    assertThat(contents.description())
        .hasValue("table public.%s at %s (2 rows), its mark (batch 0)".formatted(table, url()));
    contents.delete();

    assertThat(contents.description()).isEmpty();
    assertThat(rows("SELECT to_regclass('%s')", table)).containsExactly("null");
    // One that was there before stays.
    execute("CREATE TABLE %s (name text UNIQUE NULLS NOT DISTINCT, n int)", table);
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 1)"));
    }
    contents.delete();
    assertThat(held()).isEmpty();
  }

  /** A view that is delivered whole to a table that has an earlier result. */
  @Test
  void aWholeResultTakesThePlaceOfTheOneBefore() throws Exception {
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 0, changes("('c', 'a', 1), ('c', 'b', 2)"));
    }
    try (Sink sink = begun(0, view("name"))) {
      deliver(sink, 4, changes("('c', 'b', 3), ('c', 'c', 4)"));
      deliver(sink, 5, changes("('c', 'd', 5)"));
    }

    assertThat(held()).containsExactly("b=3", "c=4", "d=5");
  }

  // ------------------------------------------------------------------ the sink

  private static final StructType TYPE = StructType.fromDDL("op STRING, name STRING, n INT");

  private static Dataset<Row> changes(String values) {
    return SPARK
        .session()
        .sql(
            "SELECT CAST(op AS STRING) AS op, CAST(name AS STRING) AS name, CAST(n AS INT) AS n FROM"
                + " VALUES "
                + (values.isEmpty() ? "('c', '', 0)" : values)
                + " AS t(op, name, n)");
  }

  /** 500 rows with this value, which the driver gets at hand. */
  private static Dataset<Row> many(int n) {
    return rows(500, "", n);
  }

  /** 20,000 rows with this value, more than a task hands to the driver. */
  private static Dataset<Row> large(int n) {
    return rows(20_000, ".".repeat(100), n);
  }

  private static Dataset<Row> rows(int count, String more, int n) {
    return SPARK
        .session()
        .range(0, count, 1, 3)
        .selectExpr("'c' AS op", "concat('name of ', id, '" + more + "') AS name", n + " AS n");
  }

  private PostgresSink view(String... key) {
    keyOfView = List.of(key);
    return new PostgresSink(
        url(),
        database.user(),
        password(),
        "public",
        table,
        Create.IF_MISSING,
        Guard.COLUMN,
        Duration.ofDays(7),
        OnTruncate.FAIL,
        Duration.ofMinutes(1));
  }

  private List<String> keyOfView = List.of();

  private OutputDefinition output(Mode mode, String... key) {
    PostgresSink sink = view(key);
    return output(sink, mode);
  }

  private OutputDefinition output(PostgresSink sink) {
    return output(sink, Mode.APPEND);
  }

  private OutputDefinition output(PostgresSink sink, Mode mode) {
    return new OutputDefinition(
        "totals",
        Optional.of("SELECT ..."),
        "rides.yaml:1: outputs.totals.sql",
        mode,
        Scope.STREAM,
        Optional.empty(),
        keyOfView,
        sink);
  }

  private Sink begun(long firstBatch, PostgresSink sink) throws InterruptedException {
    return begun(firstBatch, sink, TYPE);
  }

  private Sink begun(long firstBatch, PostgresSink sink, StructType type)
      throws InterruptedException {
    return begun(firstBatch, output(sink), type, true);
  }

  private Sink begun(long firstBatch, OutputDefinition output, StructType type, boolean isView)
      throws InterruptedException {
    Sink sink = opened(output, isView, Optional.empty());
    sink.begin(CHECKPOINT, firstBatch);
    sink.prepare(type);
    return sink;
  }

  private Sink sink(PostgresSink sink, boolean isView, Optional<String> sourceTable) {
    return opened(output(sink), isView, sourceTable);
  }

  private Sink opened(OutputDefinition output, boolean isView, Optional<String> sourceTable) {
    SinkContext context =
        new SinkContext(
            "rides",
            new org.apache.hadoop.fs.Path(folder.toUri()),
            new Configuration(),
            new PrintWriter(console, true),
            100,
            sourceTable);
    PostgresConnector connector = new PostgresConnector();
    return isView ? connector.openView(output, context) : connector.open(output, context);
  }

  private void prepared(String user, String password, String url, String schema, Create create)
      throws InterruptedException {
    keyOfView = List.of("name");
    PostgresSink definition =
        new PostgresSink(
            url,
            user,
            password,
            schema,
            table,
            create,
            Guard.COLUMN,
            Duration.ofDays(7),
            OnTruncate.FAIL,
            Duration.ofMinutes(1));
    try (Sink sink = opened(output(definition), true, Optional.empty())) {
      sink.begin(CHECKPOINT, 0);
      sink.prepare(TYPE);
    }
  }

  private PostgresAccess access() {
    return PostgresAccess.of(view());
  }

  private static Delivery deliver(Sink sink, long batch, Dataset<Row> rows)
      throws InterruptedException {
    return sink.deliver(new Batch(batch, CHECKPOINT, false, rows, rdd -> Optional.empty()));
  }

  private static List<String> exceeded(List<StorageLimit> limits, String row) {
    Dataset<Row> rows = SPARK.session().sql("SELECT " + row);
    return limits.stream()
        .filter(limit -> rows.where(limit.isExceeded()).count() > 0)
        .map(StorageLimit::column)
        .toList();
  }

  private Held read(StructType result) throws InterruptedException {
    return new PostgresConnector()
        .reader("rides", output(view("id")), new Configuration())
        .orElseThrow()
        .read(SPARK.session(), result)
        .orElseThrow();
  }

  // ------------------------------------------------------------------ another session

  private String url() {
    return database.url();
  }

  private String password() {
    return database.password();
  }

  private Connection connect() throws SQLException {
    return database.connect();
  }

  @SuppressWarnings("AnnotateFormatMethod") // of Error Prone, which is not a dependency
  private void execute(String sql, Object... names) throws SQLException {
    database.execute(sql.formatted(names));
  }

  @SuppressWarnings("AnnotateFormatMethod")
  private List<String> rows(String sql, Object... names) throws SQLException {
    return database.rows(sql.formatted(names));
  }

  private List<String> held() throws SQLException {
    return rows(
        "SELECT coalesce(name, 'null') || '=' || n FROM %s ORDER BY name NULLS FIRST, n", table);
  }

  private static final String CUT =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
          + " WHERE application_name = 'millrace' AND datname = current_database() AND %s";

  /** A session because of which the sink waits within its transaction. */
  private Connection lockedMark() throws SQLException {
    Connection locking = connect();
    locking.setAutoCommit(false);
    try (Statement statement = locking.createStatement()) {
      statement.execute(
          "SELECT 1 FROM millrace_marks WHERE target = '%s' FOR UPDATE".formatted(table));
    }
    return locking;
  }

  private void awaitWaiting() {
    Awaitility.await()
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () ->
                !rows("SELECT 1 FROM pg_stat_activity WHERE application_name = 'millrace'"
                        + " AND datname = current_database() AND wait_event_type = 'Lock'")
                    .isEmpty());
  }

  private List<String> stagingTables() throws SQLException {
    return rows(
        "SELECT relname FROM pg_class WHERE starts_with(relname, '%s')",
        StagingTables.of(access(), RUN).ofTable());
  }

  private interface Work {
    void run(BooleanSupplier isOver) throws Exception;
  }

  private interface ShortWork {
    void run() throws Exception;
  }

  /** Work next to the test, whose failure is the test's. */
  private static final class Background implements AutoCloseable {

    private final AtomicBoolean isOver = new AtomicBoolean();
    private final CompletableFuture<Void> work;

    /** Work that ends once it is over. */
    Background(Work work) {
      this.work =
          CompletableFuture.runAsync(
              () -> {
                try {
                  work.run(isOver::get);
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
              });
    }

    /** Work that ends by itself. */
    Background(ShortWork work) {
      this(isOver -> work.run());
    }

    /** Returns when it has ended; fails if it has failed. */
    void end() {
      isOver.set(true);
      work.join();
    }

    @Override
    public void close() {
      end();
    }
  }
}
