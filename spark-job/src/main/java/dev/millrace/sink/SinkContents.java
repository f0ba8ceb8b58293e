package dev.millrace.sink;

import java.util.Optional;

/** What a sink holds of one output, to be shown and deleted. Driver only. */
public interface SinkContents {

  /**
   * What is there, such as {@code 3 batches in 5 files in /data/rides}; empty for nothing.
   *
   * @throws dev.millrace.error.UserException where it can't be read
   */
  Optional<String> description();

  /**
   * Deletes it.
   *
   * @throws dev.millrace.error.UserException where it can't be deleted
   */
  void delete();
}
