package dev.millrace.stack;

import dev.millrace.stack.error.StackErrors;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Held while a launcher starts or stops the stack of a data folder; ends with its process. */
final class StackLock implements AutoCloseable {

  private final FileChannel channel;

  private StackLock(FileChannel channel) {
    this.channel = channel;
  }

  static StackLock acquire(Path dataFolder) {
    try {
      Files.createDirectories(dataFolder);
      FileChannel channel =
          FileChannel.open(
              dataFolder.resolve("stack.lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE);
      if (isLocked(channel)) {
        channel.close();
        throw StackErrors.folderInUse(dataFolder);
      }
      return new StackLock(channel);
    } catch (IOException e) {
      throw StackErrors.unwritableFolder(dataFolder, e);
    }
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock == null;
    } catch (OverlappingFileLockException e) {
      return true;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
