package dev.millrace.config;

import java.time.Duration;

/**
 * How the rows of a table are kept for its views.
 *
 * @param partitions of the state; fixed for its life
 * @param tombstoneRetention for how long a deleted key is remembered, in the source's time
 * @param memoryMegabytes for caches and write buffers of all state that a process holds
 * @param snapshots what those in the topic contain
 * @param shadow every how many batches each view is compared with a fresh run of its SQL over the
 *     table's rows; 0 for never
 * @param onSinkFailure what a sink that stays away means for the others
 */
public record StateDefinition(
    int partitions,
    Duration tombstoneRetention,
    int memoryMegabytes,
    Snapshots snapshots,
    int shadow,
    OnSinkFailure onSinkFailure) {

  /** What holds where a pipeline file declares nothing. */
  public static final StateDefinition DEFAULT =
      new StateDefinition(8, Duration.ofDays(7), 256, Snapshots.WHOLE, 0, OnSinkFailure.STOP);

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
