package dev.millrace.config;

import java.time.Duration;

/**
 * How the rows of a table are kept for its views.
 *
 * @param store where the state is; fixed for its life
 * @param partitions of the state; fixed for its life
 * @param tombstoneRetention for how long a deleted key is remembered, in the source's time
 * @param memoryMegabytes for all state that a process holds: of a store on disk its caches and
 *     write buffers, of one in memory all; 0 for the store's own default
 * @param snapshots what those in the topic contain
 * @param shadow every how many batches each view is compared with a fresh run of its SQL over the
 *     table's rows; 0 for never
 * @param maxGroupRows a group with more rows, all of which each of its changes reads, is a warning
 * @param onSinkFailure what a sink that stays away means for the others
 */
public record StateDefinition(
    Store store,
    int partitions,
    Duration tombstoneRetention,
    int memoryMegabytes,
    Snapshots snapshots,
    int shadow,
    long maxGroupRows,
    OnSinkFailure onSinkFailure) {

  /** What holds where a pipeline file declares nothing. */
  public static final StateDefinition DEFAULT =
      new StateDefinition(
          Store.ROCKSDB, 8, Duration.ofDays(7), 0, Snapshots.WHOLE, 0, 10_000, OnSinkFailure.STOP);

  /** Where the state of views is while a run works with it. */
  public enum Store {
    /** On local disk. */
    ROCKSDB,
    /** In the heap of the process. */
    MEMORY
  }

  /** What the snapshots in the topic contain, incremental ones apart. */
  public enum Snapshots {
    /** All rows that the table had: a row that a complete snapshot lacks is gone. */
    WHOLE,
    /** Chosen rows, it may be: nothing is known of those that a snapshot lacks. */
    PARTIAL
  }

  /** What happens when the server of a view's sink is still away after the sink's retry timeout. */
  public enum OnSinkFailure {
    /** The run ends. */
    STOP,
    /** The other views continue; the sink gets the whole result once its server is back. */
    DETACH
  }
}
