package dev.millrace.pipeline;

import dev.millrace.StackExtension;
import dev.millrace.simulator.Pace;
import dev.millrace.simulator.RideSimulation;
import dev.millrace.simulator.SimulationListener;
import dev.millrace.simulator.SimulationProgress;
import dev.millrace.simulator.SimulationSettings;
import dev.millrace.stack.LocalStack;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;

/** Rides that are played into Postgres, 300 changes a second, while a test continues. */
final class PlayedRides implements AutoCloseable {

  private final LocalStack stack;
  private final Map<Integer, Long> before;
  private final Connection connection;
  private final RideSimulation rides;
  private final CompletableFuture<SimulationProgress> played;

  /** Begins to play. */
  PlayedRides(LocalStack stack, long seed) throws SQLException {
    this.stack = stack;
    this.before = stack.endOffsets(StackExtension.TOPIC);
    this.connection = stack.connect();
    this.rides =
        new RideSimulation(
            connection,
            new SimulationSettings(seed, SimulationSettings.ENDLESS, new Pace(300)),
            SimulationListener.SILENT);
    this.played =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return rides.run();
              } catch (SQLException e) {
                throw new AssertionError(e);
              }
            });
  }

  /** Plays so many rides as fast as they go; returns when their changes are in Kafka. */
  static void play(LocalStack stack, long seed, int rides) throws SQLException {
    play(stack, seed, rides, Pace.UNLIMITED);
  }

  /** Plays so many rides, 200 changes a second; their changes in the order of Postgres' log. */
  static List<ConsumerRecord<String, String>> changes(LocalStack stack, long seed, int rides)
      throws SQLException {
    Map<Integer, Long> before = stack.endOffsets(StackExtension.TOPIC);
    play(stack, seed, rides, new Pace(200));
    return stack.committedRecords(StackExtension.TOPIC, before).stream()
        .sorted(
            Comparator.comparingLong(
                record -> ChangeTopic.parse(record.value()).get("__source_lsn").asLong()))
        .toList();
  }

  private static void play(LocalStack stack, long seed, int rides, Pace pace) throws SQLException {
    System.out.println("simulated rides: seed " + seed);
    Map<Integer, Long> before = stack.endOffsets(StackExtension.TOPIC);
    SimulationProgress played;
    try (Connection connection = stack.connect()) {
      played =
          new RideSimulation(
                  connection, new SimulationSettings(seed, rides, pace), SimulationListener.SILENT)
              .run();
    }
    await(stack, before, played.inserted() + played.updated() + played.deleted());
  }

  /** Returns when the topic has so many changes after the offsets, and no more. */
  static void await(LocalStack stack, Map<Integer, Long> before, long changes) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> stack.committedRecords(StackExtension.TOPIC, before).size() == changes);
  }

  /** Ends them; returns when all of their changes are in Kafka, and no others came meanwhile. */
  SimulationProgress end() {
    rides.stop();
    SimulationProgress done = played.join();
    await(stack, before, done.inserted() + done.updated() + done.deleted());
    return done;
  }

  @Override
  public void close() throws SQLException {
    rides.stop();
    connection.close();
  }
}
