package dev.millrace.benchmark.contender;

import dev.millrace.benchmark.contender.Contender.Run;
import dev.millrace.benchmark.contender.Contender.Task;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * The process of a contender: reads one order a line from standard input, answers each with one
 * line on standard output, ends with its input.
 *
 * <pre>
 *   run BOOTSTRAP TOPIC MESSAGES PARTITIONS COPIES COLUMNS SINK
 *   done MESSAGES NANOSECONDS CPU-NANOSECONDS
 * </pre>
 *
 * <p>Anything else that is printed goes to standard error.
 */
public final class ContenderServer {

  private ContenderServer() {}

  /** Serves orders until there are no more. */
  public static void serve(Contender contender) throws Exception {
    PrintStream answers =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (contender) {
      answers.println("ready");
      for (String order = orders.readLine(); order != null; order = orders.readLine()) {
        Path folder = Files.createTempDirectory("millrace-benchmark");
        try {
          Run run = contender.run(parse(order), folder);
          answers.printf(
              "done %d %d %d%n", run.messages(), run.nanoseconds(), run.cpuNanoseconds());
        } finally {
          delete(folder);
        }
        // Garbage of this run is not the next one's business.
        System.gc();
      }
    }
    System.exit(0);
  }

  /** The order for a task. */
  public static String order(Task task) {
    return String.join(
        " ",
        "run",
        task.bootstrapServers(),
        task.topic(),
        Long.toString(task.messages()),
        Integer.toString(task.partitions()),
        Integer.toString(task.copies()),
        Integer.toString(task.columns()),
        task.sink());
  }

  static Task parse(String order) {
    String[] words = order.split(" ", -1);
    return new Task(
        words[1],
        words[2],
        Long.parseLong(words[3]),
        Integer.parseInt(words[4]),
        Integer.parseInt(words[5]),
        Integer.parseInt(words[6]),
        words[7]);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
