package dev.millrace.state;

import dev.millrace.error.StateErrors;
import dev.millrace.error.UserException;
import java.io.Serializable;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.streaming.state.StateStoreConf;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The stores of one folder, each in partitions; made on the driver, opened on executors. Versions
 * are in {@code <root>/<store>/<partition>/}; what is in an executor's memory or on its local disk
 * is a copy.
 *
 * <p>Opening a version that the local copy does not have reads the newest snapshot below it and the
 * changelogs that follow. Versions before the newest {@code retainedVersions} are removed in the
 * background.
 */
public final class StateStores implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final String PREFIX = "spark.sql.streaming.stateStore.";
  private static final String ROCKSDB = PREFIX + "rocksdb.";

  /** Of all stores of a process: two of each of two stores, for eight partitions. */
  private static final int WRITE_BUFFERS = 32;

  private static final int DEFAULT_ROCKSDB_MEGABYTES = 256;

  private final String root;
  private final StoreEngine engine;
  private final long offset;
  private final Unreadable unreadable;

  private StateStores(String root, StoreEngine engine, long offset, Unreadable unreadable) {
    this.root = root;
    this.engine = engine;
    this.offset = offset;
    this.unreadable = unreadable;
  }

  /** What a user is told of a version that is lost or damaged. */
  @FunctionalInterface
  public interface Unreadable extends Serializable {

    /**
     * The error.
     *
     * @param location of the store's partition, below the root of the stores
     */
    UserException error(String location, long version, Throwable cause);
  }

  /**
   * The stores of views below a folder, in RocksDB.
   *
   * @param memoryMegabytes what the stores of one process may take together for their caches and
   *     write buffers, 0 for the default; half of it is for the write buffers of up to 16 stores
   */
  public static StateStores in(String root, SparkSession session, int memoryMegabytes) {
    return in(root, session, memoryMegabytes, StateErrors::unreadable);
  }

  /** The stores below a folder, of something else. */
  public static StateStores in(
      String root, SparkSession session, int memoryMegabytes, Unreadable unreadable) {
    int megabytes = memoryMegabytes == 0 ? DEFAULT_ROCKSDB_MEGABYTES : memoryMegabytes;
    SQLConf conf = session.sessionState().conf().clone();
    conf.setConfString(ROCKSDB + "trackTotalNumberOfRows", "false");
    conf.setConfString(ROCKSDB + "changelogCheckpointing.enabled", "true");
    conf.setConfString(ROCKSDB + "boundedMemoryUsage", "true");
    conf.setConfString(ROCKSDB + "maxMemoryUsageMB", Integer.toString(megabytes));
    // Spark has RocksDB refuse what exceeds that, reads included, and two buffers of a store take
    // 128 MB if nothing bounds them: a changelog that is read again fills them faster than they are
    // written to disk.
    conf.setConfString(
        ROCKSDB + "writeBufferSizeMB",
        Integer.toString(Math.max(1, megabytes / WRITE_BUFFERS / 2)));
    return new StateStores(
        rooted(root), new RocksEngine(stateConf(conf), hadoop(session)), 0, unreadable);
  }

  /**
   * The stores of views below a folder, in the heap of each process that has them open. A task that
   * would exceed the limit fails with an error of the user's.
   *
   * @param memoryMegabytes what the stores of one process may take together; 0 for half of its heap
   * @param orderedKeys which keys are read in their order
   */
  public static StateStores inMemory(
      String root, SparkSession session, int memoryMegabytes, OrderedKeys orderedKeys) {
    return new StateStores(
        rooted(root),
        new MemoryEngine(
            memoryMegabytes,
            orderedKeys,
            stateConf(session.sessionState().conf()).minVersionsToRetain(),
            hadoop(session)),
        0,
        StateErrors::unreadable);
  }

  private static String rooted(String root) {
    return new Path(root).toUri().getPath().isEmpty() ? "." : root;
  }

  private static StateStoreConf stateConf(SQLConf conf) {
    return new StateStoreConf(conf, scala.collection.immutable.Map$.MODULE$.empty());
  }

  private static SerializableConfiguration hadoop(SparkSession session) {
    return new SerializableConfiguration(session.sessionState().newHadoopConf());
  }

  /**
   * The same stores, of which version N is the one that was committed as version N plus an offset.
   */
  public StateStores shifted(long versionOffset) {
    return new StateStores(root, engine, versionOffset, unreadable);
  }

  /**
   * Opens a partition of a store. Executor only; the store belongs to the calling thread until it
   * is committed or aborted.
   *
   * @param version 0 for a store that has none
   * @throws dev.millrace.error.UserException if the version is lost or damaged, or memory does not
   *     suffice for it
   */
  public StateStore open(String store, int partition, long version) {
    String location = root + "/" + store + "/" + partition;
    try {
      return OpenStores.open(engine, location, store, version + offset);
    } catch (UserException e) {
      throw e;
    } catch (InterruptedException | TimeoutException e) {
      throw notOpened(location, e);
    } catch (Exception e) {
      // Scala's methods do not declare what they throw.
      OpenStores.close(location);
      throw unreadable.error(location, version, e);
    }
  }

  /**
   * Opens a copy of a version to read it, next to the process that keeps the store, in memory or a
   * local folder of its own: nothing in the folder of the versions is written or removed. Executor
   * only; {@link StateStore#abort} closes it, and it can't be committed.
   *
   * @throws dev.millrace.error.UserException if the version is lost or damaged
   */
  public StateStore openCopy(String store, int partition, long version) {
    String location = root + "/" + store + "/" + partition;
    try {
      return OpenStores.openCopy(engine, location, store, version + offset);
    } catch (InterruptedException | TimeoutException e) {
      throw notOpened(location, e);
    } catch (Exception e) {
      // Scala's methods do not declare what they throw.
      throw unreadable.error(location, version, e);
    }
  }

  /** Not an error of the state: the task is being killed, or another one is. */
  private static RuntimeException notOpened(String location, Exception cause) {
    if (cause instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    return new IllegalStateException(location + " was not opened", cause);
  }

  /** Closes what this process has open of these stores, and frees its memory and local disk. */
  public void close() {
    OpenStores.close(root);
  }
}
