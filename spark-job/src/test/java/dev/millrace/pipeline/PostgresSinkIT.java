package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.StackExtension;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.deadletter.DeadLetter;
import dev.millrace.deadletter.DeadLetters;
import dev.millrace.pipeline.command.PipelineReset;
import dev.millrace.stack.LocalStack;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shipped pipelines into tables of Postgres, next to what the source's table has. */
@ExtendWith(StackExtension.class)
class PostgresSinkIT {

  private static final long SEED = 20261130;

  @TempDir Path folder;

  @Test
  void theShippedViewsEqualPostgres(LocalStack stack) throws Exception {
    ShippedViews views = new ShippedViews(stack, folder, "postgres");
    stack.execute("CREATE SCHEMA views");
    Map<Integer, Long> begin = stack.endOffsets(StackExtension.TOPIC);
    long firstId = RideViews.firstId(stack);
    List<String> settings =
        new ArrayList<>(
            new TestPipeline("", StackExtension.TOPIC, folder, "postgres").from(begin).settings());
    settings.add("sinks.postgres.table=views.{output}");
    settings.add("source.kafka.max-offsets-per-trigger=150");
    PlayedRides.play(stack, SEED, 100);
    views.run(settings);
    PlayedRides.play(stack, SEED + 1, 60);
    assertThat(views.run(settings)).contains("no lag");

    new RideViews(stack, "postgres", "views", folder, firstId).requireEqualToPostgres();
    assertThat(
            query(
                stack,
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                    + " WHERE connamespace = 'views'::regnamespace AND contype IN ('p', 'u')"
                    + " AND conrelid <> 'views.millrace_marks'::regclass ORDER BY 1"))
        .containsExactly(
            "PRIMARY KEY (id)", "PRIMARY KEY (id)", "UNIQUE NULLS NOT DISTINCT (vehicle_type)");

    stack.execute(
        "CREATE TABLE views.compared AS SELECT * FROM %s WHERE id >= %d"
            .formatted(RideViews.TABLE, firstId));
    List<String> compared = new ArrayList<>(settings);
    compared.add("source.postgres.url=" + stack.jdbcUrl());
    compared.add("source.postgres.password=" + stack.connections().postgresPassword());
    compared.add("source.postgres.table=views.compared");
    assertThat(views.verified(compared))
        .containsPattern("(?m)^table views.mirror at .* rows; equal$")
        .containsPattern("(?m)^table views.open_rides at .* rows; equal$")
        .containsPattern("(?m)^table views.completed_by_vehicle at .* rows; equal$");
    stack.execute(
        "UPDATE views.mirror SET booking_status = 'Lost' WHERE id = (SELECT min(id) FROM views.mirror)");
    assertThatThrownBy(() -> views.verified(compared))
        .hasMessageStartingWith("mirror: the sink does not hold what the view has.");

    // Other SQL of the same columns: rows that the new result lacks go.
    List<String> changed = new ArrayList<>(settings);
    changed.add("outputs.mirror.sql=SELECT * FROM bookings WHERE booking_status = 'Completed'");
    PlayedRides.play(stack, SEED + 2, 20);
    views.run(changed);
    assertThat(query(stack, "SELECT DISTINCT booking_status FROM views.mirror"))
        .containsExactly("Completed");
    assertThat(query(stack, "SELECT count(*) FROM views.mirror"))
        .isEqualTo(query(stack, "SELECT sum(rides) FROM views.completed_by_vehicle"));

    PipelineReset reset = new PipelineReset(views.pipeline(settings));
    assertThat(reset.delivered())
        .anySatisfy(
            line ->
                assertThat(line)
                    .matches(
                        "table views\\.mirror at .* \\(\\d+ rows\\), its mark \\(batch \\d+\\)"));
    reset.run(true);
    assertThat(
            query(
                stack,
                "SELECT relname FROM pg_class WHERE relnamespace = 'views'::regnamespace"
                    + " AND relkind = 'r' ORDER BY 1"))
        .containsExactly("compared", "millrace_marks");
    assertThat(query(stack, "SELECT count(*) FROM views.millrace_marks")).containsExactly("0");
  }

  /** Every change is a row, once, regardless of how often the job starts. */
  @Test
  void anOutputOverChangesAddsARowForEach(LocalStack stack) throws Exception {
    stack.execute("CREATE SCHEMA changes");
    Map<Integer, Long> begin = stack.endOffsets(StackExtension.TOPIC);
    PlayedRides.play(stack, SEED + 3, 40);
    TestPipeline pipeline =
        new TestPipeline(stack.bootstrapServers(), StackExtension.TOPIC, folder, "postgres")
            .from(begin)
            .with("sinks.postgres.url=" + stack.jdbcUrl())
            .with("sinks.postgres.password=" + stack.connections().postgresPassword())
            .with("sinks.postgres.table=changes.{output}")
            .with("sinks.postgres.guard=none")
            .with("source.kafka.max-offsets-per-trigger=50");
    OutputChoice outputs = new OutputChoice.Named(List.of("bookings", "average-by-operation"));

    pipeline.run(outputs);
    pipeline.run(outputs);

    List<String> expected =
        ChangeTopic.read(stack, StackExtension.TOPIC).stream()
            .filter(message -> message.offset() >= begin.get(message.partition()))
            .map(
                message ->
                    "%d %d %s %s"
                        .formatted(
                            message.partition(),
                            message.offset(),
                            message.value().get("__op").asText(),
                            message.value().get("id").asText()))
            .sorted()
            .toList();
    assertThat(expected).hasSizeGreaterThan(40);
    assertThat(
            query(
                stack,
                "SELECT format('%s %s %s %s', partition, \"offset\", op, id) FROM changes.bookings"))
        .containsExactlyInAnyOrderElementsOf(expected);
    assertThat(query(stack, "SELECT op FROM changes.average_by_operation ORDER BY op"))
        .containsExactlyElementsOf(
            expected.stream().map(line -> line.split(" ", -1)[2]).distinct().sorted().toList());
  }

  /** The job is killed in the middle of batches, and runs again. */
  @ParameterizedTest
  @ValueSource(strings = {"column", "side-table"})
  void changesWithAKeyAreACopyOfTheTable(String guard, LocalStack stack) throws Exception {
    String schema = "keyed_" + guard.replace('-', '_');
    stack.execute("DROP SCHEMA IF EXISTS %1$s CASCADE; CREATE SCHEMA %1$s".formatted(schema));
    Map<Integer, Long> begin = stack.endOffsets(StackExtension.TOPIC);
    long firstId = RideViews.firstId(stack);
    PlayedRides.play(stack, SEED + 4, 60);
    TestPipeline pipeline =
        new TestPipeline(stack.bootstrapServers(), StackExtension.TOPIC, folder, "postgres")
            .from(begin)
            .with("outputs.bookings.key=[id]")
            .with("sinks.postgres.url=" + stack.jdbcUrl())
            .with("sinks.postgres.password=" + stack.connections().postgresPassword())
            .with("sinks.postgres.table=" + schema + ".{output}")
            .with("sinks.postgres.guard=" + guard)
            .with("source.kafka.max-offsets-per-trigger=40");
    for (int kill = 0; kill < 2; kill++) {
      try (JobProcess job = JobProcess.start(pipeline, "--output=bookings", List.of())) {
        long before = job.newest("bookings", "commits");
        job.awaitCommitAfter("bookings", before);
        job.awaitBatchInFlight("bookings");
        job.kill();
      }
    }
    PlayedRides.play(stack, SEED + 5, 30);
    pipeline.run(new OutputChoice.Named(List.of("bookings")));

    String status =
        "regexp_replace(\"ncr_ride_bookings.csv/booking+status\", '^b''(.*)''$', '\\1')";
    List<String> expected =
        query(
            stack,
            "SELECT id || ' ' || %s FROM %s WHERE id >= %d ORDER BY id"
                .formatted(status, RideViews.TABLE, firstId));
    assertThat(expected).hasSizeGreaterThan(50);
    assertThat(
            query(
                stack,
                "SELECT id || ' ' || booking_status FROM %s.bookings ORDER BY id"
                    .formatted(schema)))
        .isEqualTo(expected);
    List<String> columns =
        query(
            stack,
            "SELECT attname FROM pg_attribute WHERE attrelid = '%s.bookings'::regclass AND attnum > 0"
                .formatted(schema));
    assertThat(columns).contains("booking_value").doesNotContain("op", "lsn", "offset");
    assertThat(columns.contains("millrace_offset")).isEqualTo(guard.equals("column"));
    // Rides that were cancelled and removed, say.
    assertThat(
            query(
                stack,
                "SELECT count(*) FROM %s.millrace_%s_bookings WHERE deleted_at IS NOT NULL"
                    .formatted(schema, guard.equals("column") ? "deleted" : "positions")))
        .isEqualTo(
            query(
                stack,
                "SELECT count(*) FROM generate_series(%d, (SELECT max(id) FROM %s)) AS s(id) WHERE NOT EXISTS (SELECT 1 FROM %s t WHERE t.id = s.id)"
                    .formatted(firstId, RideViews.TABLE, RideViews.TABLE)));
  }

  /** What Postgres did not send stays what it is in the table; without the row nobody knows it. */
  @Test
  void anUpdateWithoutAValueKeepsThatOfTheTableOrIsADeadLetter(LocalStack stack) throws Exception {
    String topic = "keyed_without_values";
    stack.createTopic(topic, 1);
    stack.execute("DROP SCHEMA IF EXISTS lacking CASCADE; CREATE SCHEMA lacking");
    TestPipeline pipeline =
        new TestPipeline(stack.bootstrapServers(), topic, folder, "postgres")
            .with("sinks.postgres.url=" + stack.jdbcUrl())
            .with("sinks.postgres.password=" + stack.connections().postgresPassword())
            .with("sinks.postgres.table=lacking.{output}");
    OutputChoice bookings = new OutputChoice.Named(List.of("bookings"));
    ChangeTopic.write(
        stack,
        topic,
        List.of(
            change(topic, 7, "u", 100, "b'Completed'", "\"__debezium_unavailable_value\""),
            change(topic, 8, "c", 101, "b'Requested'", "\"b'long text'\""),
            change(topic, 8, "u", 102, "b'Completed'", "\"__debezium_unavailable_value\"")));

    assertThat(pipeline.run(bookings)).contains("1 row of the result unstorable");
    assertThat(
            query(
                stack,
                "SELECT id || ' ' || booking_status || ' ' || customer_id FROM lacking.bookings"))
        .containsExactly("8 Completed long text");
    List<DeadLetter> letters = new ArrayList<>();
    DeadLetters.forEach(pipeline.load(bookings), letters::add);
    assertThat(letters)
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.code()).isEqualTo("UNSTORABLE_ROW");
              assertThat(letter.position().offset()).isZero();
              assertThat(letter.message())
                  .startsWith("Output bookings can't store the row in table lacking.bookings at ")
                  .contains(
                      ": Postgres did not send a value that the update left as it was (TOAST)")
                  .contains("REPLICA IDENTITY FULL");
            });

    // A snapshot has it.
    ChangeTopic.write(
        stack, topic, List.of(change(topic, 7, "r", 103, "b'Completed'", "\"b'all of it'\"")));
    pipeline.run(bookings);
    assertThat(query(stack, "SELECT id || ' ' || customer_id FROM lacking.bookings ORDER BY id"))
        .containsExactly("7 all of it", "8 long text");
  }

  private static ConsumerRecord<String, String> change(
      String topic, long id, String op, long lsn, String status, String customer) {
    return new ConsumerRecord<>(
        topic,
        0,
        0,
        "{\"id\":%d}".formatted(id),
        """
        {"id":%d,"ncr_ride_bookings.csv/booking+status":"%s","ncr_ride_bookings.csv/customer+id":%s,"__op":"%s","__source_lsn":%d,"__source_txId":7,"__source_ts_ms":0}"""
            .formatted(id, status, customer, op, lsn));
  }

  /** The first column of a query's result. */
  private static List<String> query(LocalStack stack, String sql) throws SQLException {
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      while (found.next()) {
        values.add(found.getString(1));
      }
      return values;
    }
  }
}
