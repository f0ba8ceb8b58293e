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
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;

/** Rides that are played into Postgres, 300 changes a second, while a test continues. */
final class PlayedRides implements AutoCloseable {

  private final LocalStack stack;
  private final int before;
  private final Connection connection;
  private final RideSimulation rides;
  private final CompletableFuture<SimulationProgress> played;

  /** Begins to play. */
  PlayedRides(LocalStack stack, long seed) throws SQLException {
    this.stack = stack;
    this.before = stack.committedRecords(StackExtension.TOPIC).size();
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
    long before = end(stack);
    SimulationProgress played;
    try (Connection connection = stack.connect()) {
      played =
          new RideSimulation(
                  connection,
                  new SimulationSettings(seed, rides, Pace.UNLIMITED),
                  SimulationListener.SILENT)
              .run();
    }
    long changes = played.inserted() + played.updated() + played.deleted();
    Awaitility.await().atMost(Duration.ofMinutes(3)).until(() -> end(stack) >= before + changes);
  }

  private static long end(LocalStack stack) {
    return stack.endOffsets(StackExtension.TOPIC).values().stream()
        .mapToLong(Long::longValue)
        .sum();
  }

  /** Ends them; returns when all of their changes are in Kafka, and no others came meanwhile. */
  SimulationProgress end() {
    rides.stop();
    SimulationProgress done = played.join();
    int expected = before + (int) (done.inserted() + done.updated() + done.deleted());
    Awaitility.await()
        .atMost(Duration.ofMinutes(3))
        .until(() -> stack.committedRecords(StackExtension.TOPIC).size() == expected);
    return done;
  }

  @Override
  public void close() throws SQLException {
    rides.stop();
    connection.close();
  }
}
