package dev.millrace.config;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a pass of a compaction does. Immutable.
 *
 * @param fileBytes how large a file is to become
 * @param isFullOnly whether to wait until there is enough for a file of that size
 * @param keep which of the replaced files stay for readers; empty for all of them
 */
public record CompactionOptions(long fileBytes, boolean isFullOnly, Optional<Retention> keep) {

  /**
   * What stays, where either keeps it.
   *
   * @param newest how many batches or snapshots, counted from the newest
   * @param age how old they may be
   */
  public record Retention(OptionalInt newest, Optional<Duration> age) {}
}
