package dev.millrace.state;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stores that this process has open, by location. They outlive the tasks that use them, and
 * tasks share nothing but their process, so this is its one registry; Spark's own state stores are
 * kept alike. Thread-safe.
 */
final class OpenStores {

  private static final Logger LOG = LoggerFactory.getLogger(OpenStores.class);
  private static final int MAINTENANCE_INTERVAL_SECONDS = 30;
  private static final Duration MAX_LAG = Duration.ofMinutes(10);
  private static final Map<String, OpenStore> OPEN = new ConcurrentHashMap<>();

  /** What the stores in memory take together. */
  static final MemoryBudget MEMORY = new MemoryBudget();

  static {
    startMaintenance();
  }

  private OpenStores() {}

  @SuppressWarnings("FutureReturnValueIgnored")
  private static void startMaintenance() {
    ScheduledExecutorService maintenance =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "state-maintenance");
              thread.setDaemon(true);
              return thread;
            });
    maintenance.scheduleWithFixedDelay(
        () -> {
          maintain();
          closeLeftBehind(MAX_LAG);
        },
        MAINTENANCE_INTERVAL_SECONDS,
        MAINTENANCE_INTERVAL_SECONDS,
        TimeUnit.SECONDS);
  }

  static StateStore open(StoreEngine engine, String location, String store, long version)
      throws IOException, InterruptedException, TimeoutException {
    return OPEN.computeIfAbsent(location, missing -> engine.make(missing, store)).open(version);
  }

  /** Opens a copy of a version that shares nothing with the store that commits the next one. */
  static StateStore openCopy(StoreEngine engine, String location, String store, long version)
      throws IOException, InterruptedException, TimeoutException {
    Optional<StateStore> copy =
        Optional.ofNullable(OPEN.get(location)).flatMap(open -> open.copy(version));
    return copy.isPresent() ? copy.get() : engine.openCopy(location, store, version);
  }

  /**
   * Closes the stores in memory that other processes continue: each batch opens all partitions, so
   * one that was not opened for long while others were is no longer this process's.
   *
   * @param lag how long before the others it was opened last
   */
  static void closeLeftBehind(Duration lag) {
    Map<String, Long> newestNanos = new HashMap<>();
    OPEN.forEach(
        (location, store) -> {
          if (store instanceof MemoryVersions memory) {
            newestNanos.merge(
                root(location),
                memory.openedNanos(),
                (one, other) -> one - other > 0 ? one : other);
          }
        });
    OPEN.forEach(
        (location, store) -> {
          Long newest = newestNanos.get(root(location));
          if (store instanceof MemoryVersions memory
              && newest != null
              && newest - memory.openedNanos() > lag.toNanos()) {
            close(location);
          }
        });
  }

  /** Without the store and the partition. */
  private static String root(String location) {
    return location.substring(0, location.lastIndexOf('/', location.lastIndexOf('/') - 1));
  }

  /** Closes the stores at or below a location. */
  static void close(String location) {
    OPEN.entrySet()
        .removeIf(
            open -> {
              boolean isBelow =
                  open.getKey().equals(location) || open.getKey().startsWith(location + "/");
              if (isBelow) {
                open.getValue().close();
              }
              return isBelow;
            });
  }

  /** Writes the newest snapshot of each store, and removes versions that nobody needs any more. */
  static void maintain() {
    OPEN.forEach(
        (location, store) -> {
          try {
            store.maintain();
          } catch (IOException | RuntimeException e) {
            // The changelogs hold every version, so the next attempt loses nothing.
            LOG.warn("Maintenance of the state in {} failed; it is retried.", location, e);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }
}
