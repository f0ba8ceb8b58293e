package dev.millrace.benchmark.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What something was measured on.
 *
 * @param commit of the project, with {@code +} where files differ from it; empty outside git
 * @param versions by the name of what they are the version of
 */
public record Machine(
    int cores,
    String processor,
    long memoryGibibytes,
    String commit,
    Map<String, String> versions) {

  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");
  private static final Path MEMORY = Path.of("/proc/meminfo");

  public Machine {
    versions = Map.copyOf(versions);
  }

  /** This machine, and the project in a folder. */
  public static Machine thisOne(Path home) {
    Map<String, String> versions = new TreeMap<>(bundledVersions());
    versions.put("Java", System.getProperty("java.vm.name") + " " + Runtime.version());
    versions.put("System", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        value(PROCESSOR, "model name"),
        Long.parseLong(value(MEMORY, "MemTotal").replaceAll("\\D", "")) / (1 << 20),
        commit(home),
        versions);
  }

  private static Map<String, String> bundledVersions() {
    Properties properties = new Properties();
    try (InputStream in =
        Machine.class.getResourceAsStream("/dev/millrace/benchmark/versions.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.stringPropertyNames().stream()
        .collect(Collectors.toMap(name -> name, properties::getProperty));
  }

  private static String value(Path file, String name) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .findFirst()
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .orElse("0");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String commit(Path home) {
    String hash = output(home, "git", "rev-parse", "--short", "HEAD");
    boolean isChanged = !output(home, "git", "status", "--porcelain", "-uno").isEmpty();
    return isChanged ? hash + "+" : hash;
  }

  private static String output(Path folder, String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
