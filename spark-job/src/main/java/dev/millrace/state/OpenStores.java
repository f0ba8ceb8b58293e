package dev.millrace.state;

import java.io.File;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.execution.streaming.state.RocksDB;
import org.apache.spark.sql.execution.streaming.state.RocksDBConf;
import org.apache.spark.util.Utils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The native stores that this process has open, by location. They outlive the tasks that use them,
 * and tasks share nothing but their process, so this is its one registry; Spark's own state stores
 * are kept alike. Thread-safe.
 */
final class OpenStores {

  private static final Logger LOG = LoggerFactory.getLogger(OpenStores.class);
  private static final int MAINTENANCE_INTERVAL_SECONDS = 30;
  private static final Map<String, RocksDB> OPEN = new ConcurrentHashMap<>();

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

  static StateStore open(
      String location, long version, RocksDBConf conf, Configuration hadoopConfiguration) {
    RocksDB database =
        OPEN.computeIfAbsent(
            location,
            missing -> new RocksDB(missing, conf, localDirectory(), hadoopConfiguration, missing));
    database.load(version, false);
    return new RocksStore(database, database::rollback);
  }

  /** Opens a copy of a version that shares nothing with the store that commits the next one. */
  static StateStore openCopy(
      String location, long version, RocksDBConf conf, Configuration hadoopConfiguration) {
    RocksDB database =
        new RocksDB(location, conf, localDirectory(), hadoopConfiguration, location + " (copy)");
    try {
      database.load(version, true);
    } catch (RuntimeException | Error e) {
      database.close();
      throw e;
    }
    return new RocksStore(database, database::close);
  }

  private static File localDirectory() {
    return Utils.createTempDir(Utils.getLocalDir(SparkEnv.get().conf()), "millrace-state");
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

  /** Uploads the newest snapshot of each store, and removes versions that nobody needs any more. */
  static void maintain() {
    OPEN.forEach(
        (location, database) -> {
          try {
            database.doMaintenance();
          } catch (RuntimeException e) {
            // The changelogs hold every version, so the next attempt loses nothing.
            LOG.warn("Maintenance of the state in {} failed; it is retried.", location, e);
          }
        });
  }
}
