package dev.millrace.simulator;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Plays rides into {@code public.business_ncr_ride_bookings}.
 *
 * <p>A change is committed when it is due, on its own as long as the database keeps up. Changes
 * that fell due during the last commit share the next transaction, at most 500 of them; so does
 * everything at an unlimited pace. What is written is a function of the seed and the number of
 * rides; the ids, {@code created_at}, {@code updated_at} and the grouping into transactions are
 * not.
 */
public final class RideSimulation {

  private static final int MAX_CHANGES_PER_TRANSACTION = 500;

  private final Connection connection;
  private final SimulationSettings settings;
  private final SimulationListener listener;
  private final AtomicReference<Thread> runner = new AtomicReference<>();
  private volatile boolean stopped;

  /**
   * @param connection in auto-commit mode; used by {@link #run()} alone, which leaves it open, in
   *     auto-commit mode and with its session in UTC. With {@code reWriteBatchedInserts=true} an
   *     unlimited pace is faster.
   */
  public RideSimulation(
      Connection connection, SimulationSettings settings, SimulationListener listener) {
    this.connection = connection;
    this.settings = settings;
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
    if (!runner.compareAndSet(null, Thread.currentThread())) {
      throw new IllegalStateException("A simulation runs once: make another one");
    }
    try (BookingWriter writer = BookingWriter.open(connection)) {
      return play(new RideChanges(settings.seed(), settings.rides()), writer);
    }
  }

  /** Ends the run after the transaction in flight. Any thread may call it, at any time. */
  public void stop() {
    stopped = true;
    LockSupport.unpark(runner.get());
  }

  private SimulationProgress play(RideChanges changes, BookingWriter writer) throws SQLException {
    Pace pace = settings.pace();
    long startNanos = System.nanoTime();
    long played = 0;
    SimulationProgress progress = SimulationProgress.NONE;
    while (changes.hasNext() && !stopped && !Thread.currentThread().isInterrupted()) {
      Duration elapsed = since(startNanos);
      Duration wait = pace.dueAfter(played).minus(elapsed);
      if (wait.compareTo(Duration.ZERO) > 0) {
        LockSupport.parkNanos(this, wait.toNanos());
        continue;
      }
      long due = Math.max(1, pace.dueWithin(elapsed) - played);
      List<RideChange> batch = take(changes, Math.min(MAX_CHANGES_PER_TRANSACTION, due));
      BookingWriter.Written written = writer.write(batch);
      played += batch.size();
      progress = advance(progress, batch, written, since(startNanos));
      listener.committed(progress);
    }
    return progress;
  }

  private static List<RideChange> take(RideChanges changes, long count) {
    List<RideChange> batch = new ArrayList<>();
    while (batch.size() < count && changes.hasNext()) {
      batch.add(changes.next());
    }
    return batch;
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

  private static Duration since(long startNanos) {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }
}
