package dev.millrace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.decode.Samples;
import dev.millrace.pipeline.ParquetFiles;
import dev.millrace.pipeline.TestPipeline;
import dev.millrace.stack.server.KafkaClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The job against the servers of docker-compose.yml in containers: Postgres as Debezium needs it,
 * Kafka, and Connect between the two. Left out where there is no Docker engine.
 */
@ExtendWith(ContainersExtension.class)
class ContainersIT {

  private static final String TABLE = "public.business_ncr_ride_bookings";
  private static final String TOPIC = "business_postgres." + TABLE;
  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  @TempDir Path folder;

  // ------------------------------------------------------------------ Postgres

  @Test
  void captureRoleHasTheRightsThatDebeziumNeedsAndNoMore(ContainerStack stack) throws SQLException {
    try (Connection connection = stack.connect()) {
      assertThat(
              rows(
                  connection,
                  """
                  SELECT rolcanlogin, rolreplication, rolsuper, rolcreatedb, rolcreaterole,
                         rolbypassrls,
                         (SELECT count(*) FROM pg_auth_members WHERE member = pg_roles.oid)
                  FROM pg_roles WHERE rolname = 'debezium_user'
                  """))
          .containsExactly("t t f f f f 0");
      assertThat(
              rows(
                  connection,
                  """
                  SELECT table_schema || '.' || table_name, privilege_type
                  FROM information_schema.role_table_grants WHERE grantee = 'debezium_user'
                  """))
          .containsExactlyInAnyOrder(
              TABLE + " SELECT",
              "public.debezium_heartbeat SELECT",
              "public.debezium_heartbeat INSERT",
              "public.debezium_heartbeat UPDATE");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE public.business_ncr_ride_bookings SET created_at = now()",
        "DELETE FROM public.business_ncr_ride_bookings",
        "TRUNCATE public.debezium_heartbeat",
        "CREATE TABLE public.other (id int)",
        "CREATE PUBLICATION other FOR TABLE public.business_ncr_ride_bookings",
        "SELECT * FROM pg_authid"
      })
  void captureRoleIsRefused(String sql, ContainerStack stack) throws SQLException {
    try (Connection connection = stack.connectAsCaptureRole();
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute(sql))
          .isInstanceOfSatisfying(
              SQLException.class,
              refusal -> assertThat(refusal.getSQLState()).isEqualTo(INSUFFICIENT_PRIVILEGE));
    }
  }

  @Test
  void publicationAndReplicaIdentityAreWhatTheConnectorsCount(ContainerStack stack)
      throws SQLException {
    try (Connection connection = stack.connect()) {
      assertThat(rows(connection, "SHOW wal_level")).containsExactly("logical");
      assertThat(
              rows(
                  connection,
                  """
                  SELECT schemaname || '.' || tablename FROM pg_publication_tables
                  WHERE pubname = 'millrace'
                  """))
          .containsExactlyInAnyOrder(TABLE, "public.debezium_heartbeat");
      assertThat(
              rows(
                  connection,
                  "SELECT relreplident FROM pg_class WHERE oid = '%s'::regclass".formatted(TABLE)))
          .containsExactly("d");
    }
  }

  /** Through a slot of its own: of a deleted row the key, of an updated one nothing. */
  @Test
  void captureRoleReadsChangesThroughThePublication(ContainerStack stack) throws Exception {
    try (Connection replication = stack.connectForReplication();
        Connection connection = stack.connect()) {
      CaptureSlot slot = CaptureSlot.open(replication, "containers_it", "millrace");
      String id = changeOneBooking(connection, "CNR-slot");

      assertThat(slot.awaitChanges(3)).containsExactly("I N " + id, "U N " + id, "D K " + id);
    }
  }

  // ------------------------------------------------------------------ Kafka

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "kafka"})
  void deliversEachSampleOnce(String sink, ContainerStack stack) throws Exception {
    KafkaClient kafka = stack.kafka();
    String topic = "samples-" + sink;
    kafka.createTopic(topic, 3);
    TestPipeline pipeline = new TestPipeline(stack.bootstrapServers(), topic, folder, sink);

    produce(stack, topic, Samples.load("unwrapped.jsonl"));
    pipeline.run(new OutputChoice.First());
    produce(stack, topic, Samples.load("envelope.jsonl"));
    pipeline.run(new OutputChoice.First());

    List<DeliveredChange> expected =
        kafka.committedRecords(topic).stream()
            .filter(record -> record.value() != null)
            .map(DeliveredChange::expected)
            .toList();
    // 66 changes of the one form, and of the other as many and a truncate; tombstones are none.
    assertThat(expected).hasSize(133);
    assertThat(delivered(pipeline, kafka)).containsExactlyInAnyOrderElementsOf(expected);
  }

  // ------------------------------------------------------------------ Connect

  @Test
  void carriesARowFromPostgresThroughConnectToTheJob(ContainerStack stack) throws Exception {
    KafkaClient kafka = stack.kafka();
    String id;
    register(stack, Path.of(System.getProperty("millrace.home"), "connect-config"));
    try (Connection connection = stack.connect()) {
      Awaitility.await()
          .atMost(Duration.ofMinutes(3))
          .until(
              () ->
                  rows(
                      connection,
                      """
                      SELECT active FROM pg_replication_slots
                      WHERE slot_name = 'millrace_ride_bookings'
                      """),
              List.of("t")::equals);
      id = changeOneBooking(connection, "CNR-connect");
    }
    Awaitility.await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> kafka.committedRecords(TOPIC).size() >= 3);
    TestPipeline pipeline = new TestPipeline(stack.bootstrapServers(), TOPIC, folder, "parquet");
    pipeline.run(new OutputChoice.First());

    assertThat(
            ParquetFiles.query(
                    pipeline.output("bookings"),
                    "SELECT op, id, booking_id, booking_value FROM rows ORDER BY lsn")
                .stream()
                .map(row -> row.values().toString()))
        .containsExactly(
            "[c, %s, CNR-connect, 1138.0]".formatted(id),
            "[u, %s, CNR-connect, 2276.5]".formatted(id),
            "[d, %s, null, null]".formatted(id));
  }

  // ------------------------------------------------------------------ what they share

  /** Inserts a booking, changes its value, deletes it; returns its id. */
  private static String changeOneBooking(Connection connection, String bookingId)
      throws SQLException {
    String id =
        rows(
                connection,
                """
                INSERT INTO %s ("ncr_ride_bookings.csv/booking+id",
                                "ncr_ride_bookings.csv/booking+value")
                VALUES ('b''"%s"''', 'b''1138.0''') RETURNING id
                """
                    .formatted(TABLE, bookingId))
            .get(0);
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          """
          UPDATE %s SET "ncr_ride_bookings.csv/booking+value" = 'b''2276.5''' WHERE id = %s
          """
              .formatted(TABLE, id));
      statement.executeUpdate("DELETE FROM %s WHERE id = %s".formatted(TABLE, id));
    }
    return id;
  }

  private static void produce(ContainerStack stack, String topic, List<Samples.Message> messages)
      throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", stack.bootstrapServers(), "acks", "all"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (Samples.Message message : messages) {
        producer.send(new ProducerRecord<>(topic, message.key(), message.value())).get();
      }
    }
  }

  private static void register(ContainerStack stack, Path connectors) throws Exception {
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(stack.connectUrl() + "/connectors"))
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofFile(connectors.resolve("ride-bookings.json")))
                    .build(),
                BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
  }

  private static List<DeliveredChange> delivered(TestPipeline pipeline, KafkaClient kafka)
      throws SQLException {
    return pipeline.sink().equals("kafka")
        ? kafka.committedRecords(pipeline.topic() + "-bookings").stream()
            .map(record -> DeliveredChange.parse(record.value()))
            .toList()
        : ParquetFiles.query(
                pipeline.output("bookings"),
                "SELECT \"partition\", \"offset\", op, id, booking_value FROM rows")
            .stream()
            .map(DeliveredChange::of)
            .toList();
  }

  /** Each row as its values with blanks between them. */
  private static List<String> rows(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      List<String> rows = new ArrayList<>();
      while (result.next()) {
        List<String> values = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          values.add(Objects.toString(result.getString(i)));
        }
        rows.add(String.join(" ", values));
      }
      return rows;
    }
  }
}
