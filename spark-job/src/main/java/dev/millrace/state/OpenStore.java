package dev.millrace.state;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/** The versions of one partition of a store, of which this process has one open. Thread-safe. */
interface OpenStore {

  /** Opens a version for the calling thread. */
  StateStore open(long version) throws IOException, InterruptedException, TimeoutException;

  /** A copy of a version, if this process has that one and no task uses it. */
  Optional<StateStore> copy(long version);

  /** Writes the newest snapshot, and removes versions that nobody needs any more. */
  void maintain() throws IOException, InterruptedException;

  /** Frees memory and local disk. */
  void close();
}
