package dev.millrace.sink.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;

/** Writes files and folders through to a local disk; other file systems have rules of their own. */
final class DiskSync {

  private DiskSync() {}

  /** Syncs a folder and all that is below it. */
  static void tree(Path folder) throws IOException {
    if (isLocal(folder)) {
      try (Stream<java.nio.file.Path> all =
          Files.walk(java.nio.file.Path.of(folder.toUri().getPath()))) {
        for (java.nio.file.Path each : (Iterable<java.nio.file.Path>) all::iterator) {
          force(each);
        }
      }
    }
  }

  /** Syncs one file, or the names in a folder. */
  static void one(Path file) throws IOException {
    if (isLocal(file)) {
      force(java.nio.file.Path.of(file.toUri().getPath()));
    }
  }

  private static boolean isLocal(Path file) {
    return file.toUri().getScheme().equals("file");
  }

  private static void force(java.nio.file.Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
