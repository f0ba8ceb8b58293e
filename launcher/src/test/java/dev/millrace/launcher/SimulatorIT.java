package dev.millrace.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.simulator.command.Simulator;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.LocalStackOptions;
import dev.millrace.stack.StackConnections;
import dev.millrace.stack.process.Component;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code simulate} on real servers. */
class SimulatorIT {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static LocalStack stack;

  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void startStack() throws IOException {
    stack =
        LocalStack.start(
            LocalStackOptions.in(Files.createTempDirectory(Path.of("target"), "local-stack-"))
                .withComponents(EnumSet.of(Component.POSTGRES, Component.KAFKA)));
  }

  @AfterAll
  static void stopStack() {
    if (stack != null) {
      stack.close();
    }
  }

  @Test
  void loadsTheBookingsOfAFile() throws Exception {
    StackConnections at = stack.connections();
    Path file =
        Files.writeString(
            folder.resolve("ncr_ride_bookings.csv"),
            """
            Date,Time,Booking ID,Booking Status,Customer ID,Vehicle Type,Pickup Location,Drop Location,Avg VTAT,Avg CTAT,Cancelled Rides by Customer,Reason for cancelling by Customer,Cancelled Rides by Driver,Driver Cancellation Reason,Incomplete Rides,Incomplete Rides Reason,Booking Value,Ride Distance,Driver Ratings,Customer Rating,Payment Method
            2024-03-23,12:29:38,\"""CNR5884300\""",No Driver Found,\"""CID1982111\""",eBike,Palam Vihar,Jhilmil,null,null,null,null,null,null,null,null,null,null,null,null,null
            23/08/24,08:56:10,\"""CNR8494506\""",Completed,\"""CID9202816\""",Auto,Humayun's Tomb,Narsinghpur,13.4,25.8,null,null,null,null,null,null,627.0,13.58,4.9,4.9,Debit Card
            """);
    Map<String, String> environment = Map.of("POSTGRES_PASSWORD", at.postgresPassword());

    assertThat(
            simulate(
                environment,
                "--csv=" + file,
                "--rate=0",
                "--jdbc-url=" + at.jdbcUrl(),
                "--user=" + at.postgresUser()))
        .as(err::toString)
        .isZero();

    assertThat(out.toString()).startsWith("2 inserted, 0 updated, 0 deleted in ");
    try (Connection connection = stack.connect()) {
      assertThat(bookings(connection))
          .containsExactly(
              "1|b'2024-03-23'|b'\"CNR5884300\"'|b'Palam Vihar'|b'nan'|b'null'",
              "2|b'2024-08-23'|b'\"CNR8494506\"'|b\"Humayun's Tomb\"|b'627.0'|b'Debit Card'");
    }
  }

  @Test
  void sendsUsersToATopicThatItCreates() throws Exception {
    String topic = "users-" + UUID.randomUUID();
    Map<String, String> environment = Map.of("KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers());

    assertThat(simulate(environment, "users", "--topic=" + topic)).isEqualTo(1);
    assertThat(err.toString().strip())
        .isEqualTo(
            "error: No topic '%s' at %s. Let it be created with --create-topic, or name another one"
                    .formatted(topic, stack.bootstrapServers())
                + " with --topic.");
    String[] users = {"users", "--topic=" + topic, "--rows=700", "--rate=0", "--create-topic"};
    assertThat(simulate(environment, users)).as(err::toString).isZero();

    List<ConsumerRecord<String, String>> records = stack.committedRecords(topic);
    assertThat(stack.endOffsets(topic)).hasSize(3);
    assertThat(records).hasSize(700).extracting(ConsumerRecord::key).doesNotHaveDuplicates();
    for (ConsumerRecord<String, String> message : records) {
      assertThat(JSON.readTree(message.value()).get("id").asText()).isEqualTo(message.key());
    }
  }

  @Test
  void sendsSongsOfTheFileThatShips() throws Exception {
    String topic = "songs-" + UUID.randomUUID();
    Map<String, String> environment = Map.of("KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers());
    stack.createTopic(topic, 1);

    assertThat(
            simulate(
                environment,
                "songs",
                "--topic=" + topic,
                "--name=Millie",
                "--rows=40",
                "--songs-per-minute=0"))
        .as(err::toString)
        .isZero();

    List<ConsumerRecord<String, String>> records = stack.committedRecords(topic);
    assertThat(records).hasSize(40).filteredOn(song -> song.key().equals("Millie")).hasSize(2);
    assertThat(JSON.readTree(records.get(0).value()).get("person").asText())
        .isEqualTo(records.get(0).key());
  }

  private static List<String> bookings(Connection connection) throws Exception {
    List<String> bookings = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                SELECT concat_ws('|', id, "ncr_ride_bookings.csv/date",
                       "ncr_ride_bookings.csv/booking+id", "ncr_ride_bookings.csv/pickup+location",
                       "ncr_ride_bookings.csv/booking+value", "ncr_ride_bookings.csv/payment+method")
                FROM business_ncr_ride_bookings ORDER BY id
                """)) {
      while (rows.next()) {
        bookings.add(rows.getString(1));
      }
    }
    return bookings;
  }

  private int simulate(Map<String, String> environment, String... arguments) {
    return Simulator.commandLine(environment)
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
