package dev.millrace.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.stack.server.ConnectorDefinition;
import dev.millrace.stack.server.Folders;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.PGConnection;

/**
 * Stops the connector after a COPY, gives it the offset that a kill after one of the COPY's rows
 * would have left, and looks at what it sends when it resumes.
 */
class ResumeWithinCopyIT {

  private static final String TABLE = "business_ncr_ride_bookings";
  private static final String TOPIC = "business_postgres.public." + TABLE;
  private static final String TRANSACTIONS = "business_postgres.transaction";
  private static final String CONNECTOR = "ride-bookings";
  private static final String DEBEZIUMS_CLASS =
      "io.debezium.connector.postgresql.PostgresConnector";

  /** More than two pages of rows that have an id alone. */
  private static final int ROWS = 500;

  private static final Duration TIMEOUT = Duration.ofMinutes(1);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static LocalStack stack;
  private static ConnectorDefinition connector;
  private static long nextId = 1_000_000;

  /** A message about a row. */
  private record Sent(long id, long lsn, long transaction) {}

  @BeforeAll
  static void start() throws IOException {
    LocalStackOptions options = LocalStackOptions.in(Path.of("target/resume-within-copy-it"));
    LocalStack.endOrphans(options);
    Folders.delete(options.dataFolder());
    stack = LocalStack.start(options);
    stack.createTopic(TOPIC, 1);
    connector =
        stack
            .connector(CONNECTOR)
            // Nothing moves the offset but the rows, and the slot sends all of them again.
            .with("heartbeat.interval.ms", "0")
            .with("flush.lsn.source", "false")
            .with("provide.transaction.metadata", "true");
    stack.register(connector);
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @ParameterizedTest(name = "page {0}, row {1}")
  @CsvSource({"0, 1", "0, 2", "0, last", "1, 1", "1, 2", "1, last"})
  void sendsExactlyTheRowsThatFollow(int page, String row) throws Exception {
    List<List<Sent>> pages = copy();
    int inPage = row.equals("last") ? pages.get(page).size() : Integer.parseInt(row);
    int before = pages.subList(0, page).stream().mapToInt(List::size).sum() + inPage;
    List<Long> following = pages.stream().flatMap(List::stream).skip(before).map(Sent::id).toList();

    assertThat(sentAfterResuming(pages.get(page).get(0).lsn(), inPage, before))
        .containsExactlyElementsOf(following);

    // The COPY's BEGIN once, and its END of before and after with the number of all of its rows.
    assertThat(transactionEvents(pages.get(0).get(0).transaction()))
        .containsExactlyInAnyOrder("BEGIN null", "END " + ROWS, "END " + ROWS);
  }

  /** When this fails, Debezium can tell the rows itself, and the connector of ours can go. */
  @Test
  void debeziumsOwnClassLosesTheRestOfThePage() throws Exception {
    stack.register(connector.with("connector.class", DEBEZIUMS_CLASS));
    try {
      List<List<Sent>> pages = copy();
      List<Long> lost = pages.get(1).stream().skip(1).map(Sent::id).toList();
      int before = pages.get(0).size() + 1;

      assertThat(sentAfterResuming(pages.get(1).get(0).lsn(), 1, before))
          .isNotEmpty()
          .doesNotContainAnyElementsOf(lost);
    } finally {
      stack.register(connector);
    }
  }

  @Test
  void rowsOfAnInsertHaveAnLsnEach() throws Exception {
    long first = nextId;
    nextId += ROWS;
    stack.execute(
        "INSERT INTO %s (id) SELECT generate_series(%d, %d)".formatted(TABLE, first, nextId - 1));

    Awaitility.await().atMost(TIMEOUT).until(() -> rowsFrom(first).size() == ROWS);
    assertThat(rowsFrom(first)).extracting(Sent::lsn).doesNotHaveDuplicates();
  }

  /** Copies rows and waits for them; by LSN, in the order of the topic. */
  private static List<List<Sent>> copy() throws Exception {
    long first = nextId;
    nextId += ROWS;
    try (Connection session = stack.connect()) {
      session
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyIn(
              "COPY " + TABLE + " (id) FROM STDIN",
              new StringReader(
                  LongStream.range(first, nextId)
                      .mapToObj(Long::toString)
                      .collect(Collectors.joining("\n", "", "\n"))));
    }
    Awaitility.await().atMost(TIMEOUT).until(() -> rowsFrom(first).size() == ROWS);
    List<List<Sent>> pages = new ArrayList<>();
    for (Sent sent : rowsFrom(first)) {
      if (pages.isEmpty() || pages.get(pages.size() - 1).get(0).lsn() != sent.lsn()) {
        pages.add(new ArrayList<>());
      }
      pages.get(pages.size() - 1).add(sent);
    }
    assertThat(pages.get(0)).hasSizeGreaterThan(2);
    assertThat(pages.get(1)).hasSizeGreaterThan(2);
    return pages;
  }

  /**
   * The ids of the rows sent after the connector was stopped, given that offset, and started again:
   * those before a row that is inserted then.
   *
   * @param changes sent of the LSN
   * @param changesOfTransaction sent of the transaction
   */
  private static List<Long> sentAfterResuming(long lsn, int changes, int changesOfTransaction)
      throws Exception {
    request("PUT", "/stop", "");
    Awaitility.await()
        .atMost(TIMEOUT)
        .until(
            () -> request("GET", "/status", "").at("/connector/state").asText(), "STOPPED"::equals);
    int sent = rowsFrom(0).size();
    JsonNode offsets = request("GET", "/offsets", "");
    ObjectNode offset = (ObjectNode) offsets.at("/offsets/0/offset");
    offset
        .put("lsn", lsn)
        .put("lsn_proc", lsn)
        .put("lsn_events_processed", changes)
        .put("messageType", "INSERT")
        .put("transaction_data_collection_order_public." + TABLE, changesOfTransaction);
    request("PATCH", "/offsets", offsets.toString());
    request("PUT", "/resume", "");

    long last = nextId++;
    stack.execute("INSERT INTO " + TABLE + " (id) VALUES (" + last + ")");
    Awaitility.await()
        .atMost(TIMEOUT)
        .until(() -> rowsFrom(0).stream().skip(sent).anyMatch(row -> row.id() == last));
    return rowsFrom(0).stream().skip(sent).map(Sent::id).takeWhile(id -> id != last).toList();
  }

  private static List<Sent> rowsFrom(long first) throws IOException {
    List<Sent> rows = new ArrayList<>();
    for (ConsumerRecord<String, String> record : stack.committedRecords(TOPIC)) {
      long id = JSON.readTree(record.key()).path("id").asLong();
      if (id >= first) {
        JsonNode row = JSON.readTree(record.value());
        rows.add(
            new Sent(id, row.path("__source_lsn").asLong(), row.path("__source_txId").asLong()));
      }
    }
    return rows;
  }

  /** Status and number of rows of what was sent about a transaction. */
  private static List<String> transactionEvents(long transaction) throws IOException {
    List<String> events = new ArrayList<>();
    for (ConsumerRecord<String, String> record : stack.committedRecords(TRANSACTIONS)) {
      JsonNode event = JSON.readTree(record.value());
      if (event.path("id").asText().matches(transaction + "(:.*)?")) {
        events.add(event.path("status").asText() + " " + event.path("event_count").asText());
      }
    }
    return events;
  }

  private static JsonNode request(String method, String path, String body) throws Exception {
    HttpResponse<String> response =
        HTTP.send(
            HttpRequest.newBuilder(
                    URI.create(stack.connectUrl() + "/connectors/" + CONNECTOR + path))
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
    assertThat(response.statusCode())
        .as("%s %s: %s", method, path, response.body())
        .isLessThan(300);
    return response.body().isEmpty() ? JSON.nullNode() : JSON.readTree(response.body());
  }
}
