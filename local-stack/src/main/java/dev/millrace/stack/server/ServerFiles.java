package dev.millrace.stack.server;

import dev.millrace.stack.error.StackErrors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Settings that the servers read from files. */
final class ServerFiles {

  private ServerFiles() {}

  static Path write(Path file, List<String> lines) {
    try {
      Files.createDirectories(file.getParent());
      return Files.write(file, lines);
    } catch (IOException e) {
      throw StackErrors.unwritableFolder(file.getParent(), e);
    }
  }

  /** How Kafka and Connect log: to their standard output, which is their log file. */
  static Path logging(Path folder) {
    return write(folder.resolve("log4j2.properties"), lines("log4j2.properties"));
  }

  /** How Kafka's tools log: errors alone, and not among their output. */
  static Path toolLogging(Path folder) {
    return write(folder.resolve("log4j2-tools.properties"), lines("log4j2-tools.properties"));
  }

  /** A resource of this package. */
  static List<String> lines(String resource) {
    try (InputStream in = ServerFiles.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
