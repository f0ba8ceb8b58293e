package dev.millrace.config;

import java.time.Duration;

/**
 * How the rows of a table are kept for its views.
 *
 * @param partitions of the state; fixed for its life
 * @param tombstoneRetention for how long a deleted key is remembered, in the source's time
 * @param memoryMegabytes for caches and write buffers of all state that a process holds
 */
public record StateDefinition(int partitions, Duration tombstoneRetention, int memoryMegabytes) {

  /** What holds where a pipeline file declares nothing. */
  public static final StateDefinition DEFAULT = new StateDefinition(8, Duration.ofDays(7), 256);
}
