package dev.millrace.pipeline;

import dev.millrace.stack.LocalStack;
import dev.millrace.stack.server.ConnectorDefinition;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;

/**
 * A table of the columns of the bookings, with a connector of its own that takes signals.
 *
 * @param name of the table, and what the connector's other names begin with
 */
record CapturedTable(LocalStack stack, String name) {

  static final String STATUS = "ncr_ride_bookings.csv/booking+status";

  /** Creates the table and the slot; the connector begins with {@link #capture}. */
  static CapturedTable create(LocalStack stack, String name) {
    stack.execute(
        """
        CREATE TABLE %1$s (LIKE business_ncr_ride_bookings INCLUDING DEFAULTS,
          PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED);
        ALTER TABLE %1$s REPLICA IDENTITY FULL;
        CREATE TABLE %1$s_signal (id text PRIMARY KEY, type text NOT NULL, data text);
        GRANT SELECT ON %1$s TO debezium_user;
        GRANT SELECT, INSERT, UPDATE, DELETE ON %1$s_signal TO debezium_user;
        CREATE PUBLICATION %1$s FOR TABLE %1$s, %1$s_signal, debezium_heartbeat;
        """
            .formatted(name));
    // In a transaction of its own: a slot waits for the end of those that have written.
    stack.execute("SELECT pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(name));
    stack.createTopic(new CapturedTable(stack, name).topic(), 3);
    return new CapturedTable(stack, name);
  }

  /** Registers the connector; returns once it streams. */
  ConnectorDefinition capture() {
    return capture("ride-bookings");
  }

  /**
   * Registers the connector; returns once it streams.
   *
   * @param file of {@code connect-config/} whose settings it has apart from the names
   */
  ConnectorDefinition capture(String file) {
    ConnectorDefinition connector =
        stack
            .connector(file)
            .named(name)
            .with("topic.prefix", name)
            .with("slot.name", name)
            .with("publication.name", name)
            .with("offsets.storage.topic", "connect-offsets-" + name)
            .with("table.include.list", "public." + name + ",public.debezium_heartbeat")
            .with("signal.data.collection", "public." + name + "_signal");
    stack.register(connector);
    return connector;
  }

  String topic() {
    return name + ".public." + name;
  }

  /** Asks the connector for a snapshot of the table: {@code blocking} or {@code incremental}. */
  void requestSnapshot(String type) {
    stack.execute(
        """
        INSERT INTO %1$s_signal VALUES ('%2$s', 'execute-snapshot',
          '{"data-collections": ["public.%1$s"], "type": "%2$s"}')
        """
            .formatted(name, type));
  }

  /** A blocking snapshot of the rows for which a condition of SQL holds. */
  void requestBlockingSnapshotOf(String condition) {
    stack.execute(
        """
        INSERT INTO %1$s_signal VALUES ('conditional', 'execute-snapshot',
          '{"data-collections": ["public.%1$s"], "type": "blocking",
            "additional-conditions": [{"data-collection": "public.%1$s", "filter": "%2$s"}]}')
        """
            .formatted(name, condition));
  }

  /** A new session that does not commit by itself. */
  Connection transaction() throws SQLException {
    Connection connection = stack.connect();
    connection.setAutoCommit(false);
    return connection;
  }

  void set(Connection connection, long id, String status) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "UPDATE %s SET \"%s\" = 'b''%s''' WHERE id = %d".formatted(name, STATUS, status, id));
    }
  }

  void insert(long id, String status) {
    stack.execute(
        "INSERT INTO %s (id, \"%s\") VALUES (%d, 'b''%s''')".formatted(name, STATUS, id, status));
  }

  /** The changes of a key in the order of offsets. */
  List<ChangeTopic.Message> changes(long id) {
    return ChangeTopic.read(stack, topic()).stream()
        .filter(message -> message.value().path("id").asLong() == id)
        .sorted(Comparator.comparingLong(ChangeTopic.Message::offset))
        .toList();
  }

  /** Returns when the newest change of a key is of this operation and status. */
  void await(long id, String op, String status) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(3))
        .until(
            () -> {
              List<ChangeTopic.Message> changes = changes(id);
              if (changes.isEmpty()) {
                return false;
              }
              ChangeTopic.Message last = changes.get(changes.size() - 1);
              return last.value().path("__op").asText().equals(op)
                  && status.equals(last.literal("booking+status"));
            });
  }

  /** Status by id, as Postgres has it. */
  Map<Long, String> statuses() throws SQLException {
    Map<Long, String> statuses = new TreeMap<>();
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT id, \"%s\" FROM %s".formatted(STATUS, name))) {
      while (rows.next()) {
        String literal = rows.getString(2);
        statuses.put(rows.getLong(1), literal.substring(2, literal.length() - 1));
      }
    }
    return statuses;
  }

  /** The shipped pipeline on the table's topic, into a keyspace of the table's name. */
  TestPipeline toCassandra(Path folder) {
    return new TestPipeline(stack.bootstrapServers(), topic(), folder, "cassandra")
        .with("sinks.cassandra.contact-points=" + stack.connections().cassandra())
        .with("sinks.cassandra.keyspace=" + name);
  }

  /** Status by id, as Cassandra has it. */
  Map<Long, String> statusesInCassandra() {
    Map<Long, String> statuses = new TreeMap<>();
    new CassandraTables(stack)
        .query("SELECT id, booking_status FROM " + name + ".bookings")
        .forEach(row -> statuses.put((Long) row.get("id"), (String) row.get("booking_status")));
    return statuses;
  }
}
