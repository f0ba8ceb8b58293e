package dev.millrace.state;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
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
        OpenStores::maintain,
        MAINTENANCE_INTERVAL_SECONDS,
        MAINTENANCE_INTERVAL_SECONDS,
        TimeUnit.SECONDS);
  }

  static StateStore open(StoreEngine engine, String location, String store, long version)
      throws IOException, InterruptedException {
    return OPEN.computeIfAbsent(location, missing -> engine.make(missing, store)).open(version);
  }

  /** Opens a copy of a version that shares nothing with the store that commits the next one. */
  static StateStore openCopy(StoreEngine engine, String location, String store, long version)
      throws IOException, InterruptedException {
    Optional<StateStore> copy =
        Optional.ofNullable(OPEN.get(location)).flatMap(open -> open.copy(version));
    return copy.isPresent() ? copy.get() : engine.openCopy(location, store, version);
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
