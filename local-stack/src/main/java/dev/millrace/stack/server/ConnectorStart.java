package dev.millrace.stack.server;

import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.process.Polling;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Brings a connector to the point where rows cross, and removes one. */
public final class ConnectorStart {

  private static final String HEARTBEAT_TABLE = "public.debezium_heartbeat";
  private static final String OBJECT_IN_USE = "55006";
  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final Duration TRY = Duration.ofSeconds(1);

  private final ConnectClient connect;
  private final KafkaClient kafka;
  private final Supplier<Connection> postgres;

  /**
   * @param postgres opens sessions of a user who may write to the heartbeat table and drop slots
   */
  public ConnectorStart(ConnectClient connect, KafkaClient kafka, Supplier<Connection> postgres) {
    this.connect = connect;
    this.kafka = kafka;
    this.postgres = postgres;
  }

  /** Registers the connector and returns once it streams. */
  public void register(ConnectorDefinition connector) {
    connect.register(connector);
    Instant end = Instant.now().plus(TIMEOUT);
    awaitRunning(connector, end);
    if (connector.setting("table.include.list").contains(HEARTBEAT_TABLE)) {
      try {
        awaitCrossing(connector, end);
      } catch (SQLException e) {
        throw StackErrors.postgresRefused("write to " + HEARTBEAT_TABLE, e);
      }
    }
  }

  /** Deletes the connector and its replication slot, once its task has let go of that. */
  public void delete(ConnectorDefinition connector) {
    connect.delete(connector.name());
    Instant end = Instant.now().plus(TIMEOUT);
    try (Connection session = postgres.get()) {
      while (!dropSlot(session, connector.setting("slot.name"))) {
        if (Instant.now().isAfter(end)) {
          throw StackErrors.connectorNotReady(connector.name(), TIMEOUT, "it holds its slot");
        }
        Polling.pause("deleting connector " + connector.name());
      }
    } catch (SQLException e) {
      throw StackErrors.postgresRefused("drop the slot of " + connector.name(), e);
    }
  }

  /** Whether there is no such slot any more. */
  private static boolean dropSlot(Connection session, String slot) throws SQLException {
    try (PreparedStatement drop =
        session.prepareStatement(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
                + " WHERE slot_name = ?")) {
      drop.setString(1, slot);
      drop.execute();
      return true;
    } catch (SQLException e) {
      if (OBJECT_IN_USE.equals(e.getSQLState())) {
        return false;
      }
      throw e;
    }
  }

  private void awaitRunning(ConnectorDefinition connector, Instant end) {
    while (!isRunning(connector)) {
      if (Instant.now().isAfter(end)) {
        throw StackErrors.connectorNotReady(connector.name(), TIMEOUT, "its task has not started");
      }
      Polling.pause("starting connector " + connector.name());
    }
  }

  private boolean isRunning(ConnectorDefinition connector) {
    Optional<ConnectorStatus> status = connect.status(connector.name());
    if (status.isPresent() && status.get().hasFailed()) {
      throw StackErrors.connectorFailed(connector.name(), status.get().trace());
    }
    return status.isPresent() && status.get().isRunning();
  }

  /** The first row may still be part of the snapshot, so it is written again until it streams. */
  private void awaitCrossing(ConnectorDefinition connector, Instant end) throws SQLException {
    String topic = connector.setting("topic.prefix") + "." + HEARTBEAT_TABLE;
    String probe = "probe-" + UUID.randomUUID();
    try (Connection session = postgres.get()) {
      do {
        if (Instant.now().isAfter(end)) {
          throw StackErrors.connectorNotReady(
              connector.name(), TIMEOUT, "no row reached topic " + topic);
        }
        isRunning(connector);
        beat(session, probe);
      } while (kafka.awaitRecord(topic, record -> isStreamed(record, probe), TRY).isEmpty());
      forget(session, probe);
    }
  }

  private static boolean isStreamed(ConsumerRecord<String, String> record, String probe) {
    return record.value() != null
        && record.value().contains(probe)
        && !record.value().contains("op\":\"r\"");
  }

  private static void beat(Connection session, String source) throws SQLException {
    try (PreparedStatement upsert =
        session.prepareStatement(
            "INSERT INTO public.debezium_heartbeat VALUES (?, now())"
                + " ON CONFLICT (source) DO UPDATE SET beaten_at = now()")) {
      upsert.setString(1, source);
      upsert.executeUpdate();
    }
  }

  private static void forget(Connection session, String source) throws SQLException {
    try (PreparedStatement delete =
        session.prepareStatement("DELETE FROM public.debezium_heartbeat WHERE source = ?")) {
      delete.setString(1, source);
      delete.executeUpdate();
    }
  }
}
