package dev.millrace.simulator;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Plays rides into {@code public.business_ncr_ride_bookings}: made-up ones, or those of a file.
 *
 * <p>A change is committed when it is due, on its own as long as the database keeps up. Changes
 * that fell due during the last commit share the next transaction, at most 500 of them; so does
 * everything at an unlimited pace. What is written is a function of the seed and the number of
 * rides, or of the file; the ids, {@code created_at}, {@code updated_at} and the grouping into
 * transactions are not.
 */
public final class RideSimulation {

  /** Where the rides go. */
  public static final String TABLE = BookingWriter.TABLE;

  private static final int MAX_CHANGES_PER_TRANSACTION = 500;

  private final Connection connection;
  private final Supplier<Stream<RideChange>> changes;
  private final PacedLoop loop;
  private final SimulationListener listener;
  private SimulationProgress progress = SimulationProgress.NONE;

  /**
   * Plays made-up rides.
   *
   * @param connection in auto-commit mode; used by {@link #run()} alone, which leaves it open, in
   *     auto-commit mode and with its session in UTC. With {@code reWriteBatchedInserts=true} an
   *     unlimited pace is faster.
   */
  public RideSimulation(
      Connection connection, SimulationSettings settings, SimulationListener listener) {
    this(
        connection,
        () ->
            Stream.iterate(
                    new RideChanges(settings.seed(), settings.rides()),
                    RideChanges::hasNext,
                    rides -> rides)
                .map(RideChanges::next),
        settings.pace(),
        listener);
  }

  /**
   * Inserts the bookings of a file, in its order, each as it ended.
   *
   * @param connection as for made-up rides
   */
  public RideSimulation(
      Connection connection, BookingsFile file, Pace pace, SimulationListener listener) {
    this(connection, file::changes, pace, listener);
  }

  private RideSimulation(
      Connection connection,
      Supplier<Stream<RideChange>> changes,
      Pace pace,
      SimulationListener listener) {
    this.connection = connection;
    this.changes = changes;
    this.loop = new PacedLoop(pace, MAX_CHANGES_PER_TRANSACTION);
    this.listener = listener;
  }

  /**
   * Returns when every ride has ended, or, after {@link #stop()} or an interrupt of this thread,
   * when the transaction in flight is committed. Can be called once.
   *
   * @return what was committed
   * @throws SQLException of the transaction that failed; those before it are in the table
   */
  public SimulationProgress run() throws SQLException {
    try (Stream<RideChange> played = changes.get();
        BookingWriter writer = BookingWriter.open(connection)) {
      long startNanos = System.nanoTime();
      loop.run(
          played.iterator(),
          (List<RideChange> batch) -> {
            BookingWriter.Written written = writer.write(batch);
            Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
            progress = advance(progress, batch, written, elapsed);
            listener.committed(progress);
          });
      return progress;
    }
  }

  /** Ends the run after the transaction in flight. Any thread may call it, at any time. */
  public void stop() {
    loop.stop();
  }

  private static SimulationProgress advance(
      SimulationProgress progress,
      List<RideChange> batch,
      BookingWriter.Written written,
      Duration elapsed) {
    return new SimulationProgress(
        progress.inserted() + written.inserted(),
        progress.updated() + written.updated(),
        progress.deleted() + written.deleted(),
        progress.ridesEnded() + batch.stream().filter(RideChange::isLast).count(),
        elapsed);
  }
}
