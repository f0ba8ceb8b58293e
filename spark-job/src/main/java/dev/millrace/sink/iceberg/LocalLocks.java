package dev.millrace.sink.iceberg;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.apache.iceberg.LockManager;

/**
 * Locks of the operating system for tables of a catalog in a local folder, one at a time for each
 * table.
 *
 * <p>A version of such a table is committed by looking that its file is not there, and renaming
 * another to it. A local disk replaces a file that came in between, and with it a commit of another
 * process. Iceberg's own locks are those of one process. A lock of the operating system is held
 * until a process lets go of it or ends, also while it is stopped between the two steps.
 *
 * <p>Iceberg makes it, by the name of the class.
 */
final class LocalLocks implements LockManager {

  /** Hidden: what removes files that no table has leaves it alone. */
  private static final String FILE = ".millrace.lock";

  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(5);

  private final Map<String, FileChannel> held = new ConcurrentHashMap<>();

  @Override
  public void initialize(Map<String, String> properties) {
    // Has no settings.
  }

  /**
   * Waits until no other has the lock.
   *
   * @param metadata the file of the version that is to be committed
   * @return false where another has it still after 30 s
   */
  @Override
  public boolean acquire(String metadata, String owner) {
    FileChannel channel = null;
    boolean isHeld = false;
    try {
      channel =
          FileChannel.open(lockOf(metadata), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      isHeld = lock(channel);
      if (isHeld) {
        held.put(owner, channel);
      }
      return isHeld;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (!isHeld && channel != null) {
        close(channel);
      }
    }
  }

  private static boolean lock(FileChannel channel) throws IOException {
    long end = System.nanoTime() + TIMEOUT.toNanos();
    while (true) {
      try {
        FileLock lock = channel.tryLock();
        if (lock != null) {
          return true;
        }
      } catch (OverlappingFileLockException e) {
        // Another sink or reader of this process has it; it is tried again, as below.
      }
      if (System.nanoTime() > end || Thread.currentThread().isInterrupted()) {
        return false;
      }
      LockSupport.parkNanos(POLL_INTERVAL.toNanos());
    }
  }

  private static Path lockOf(String metadata) {
    Path file =
        metadata.startsWith("file:") ? Path.of(URI.create(metadata).getPath()) : Path.of(metadata);
    return file.resolveSibling(FILE);
  }

  @Override
  public boolean release(String metadata, String owner) {
    FileChannel channel = held.remove(owner);
    if (channel == null) {
      return false;
    }
    close(channel);
    return true;
  }

  private static void close(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    held.values().forEach(LocalLocks::close);
    held.clear();
  }
}
