package dev.millrace.benchmark.contender;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.config.parse.Overrides.TriggerOverride;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.pipeline.PipelineRun;
import dev.millrace.pipeline.SinkConnectors;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;

/**
 * CSV files to Parquet, everything that is in a folder: this job and Spark's own source of files in
 * turn, in one session. Both read text columns, quoted line breaks allowed, up to 100 files in a
 * micro-batch. Prints a line for each run; what it is doing goes to standard error.
 *
 * <pre>
 *   run millrace|spark FILES ROWS NANOSECONDS CPU-NANOSECONDS
 * </pre>
 */
public final class FileSourceRuns {

  private static final int COLUMNS = 21;
  private static final int SEED = 42;

  private static final String PIPELINE =
      """
      name: files
      source: {files: {path: "%s", format: csv, max-files-per-trigger: 100}}
      table: {columns: {%s}}
      outputs: {rows: {sql: "SELECT %s FROM rows", sink: parquet}}
      sinks: {parquet: {path: "%s"}}
      dead-letters: {sink: parquet, path: "%s"}
      checkpoints: "%s"
      """;

  private final SparkSession session = SparkStream.session();
  private final Path work;

  private FileSourceRuns(Path work) {
    this.work = work;
  }

  /**
   * Measures.
   *
   * @param arguments a folder to work in, files, rows of each, warm-ups, rounds
   */
  public static void main(String[] arguments) throws Exception {
    int files = Integer.parseInt(arguments[1]);
    int rows = Integer.parseInt(arguments[2]);
    int warmUps = Integer.parseInt(arguments[3]);
    int rounds = Integer.parseInt(arguments[4]);
    FileSourceRuns runs = new FileSourceRuns(Path.of(arguments[0]));
    Path input = runs.fill(files, rows);
    for (int round = -warmUps; round < rounds; round++) {
      for (String contender : List.of("millrace", "spark")) {
        Contender.Run run = runs.run(contender, input, (long) files * rows);
        System.out.printf(
            "%s %s %d %d %d %d%n",
            round < 0 ? "warm-up" : "run",
            contender,
            files,
            run.messages(),
            run.nanoseconds(),
            run.cpuNanoseconds());
      }
    }
    System.exit(0);
  }

  private Path fill(int files, int rows) throws IOException {
    Path input = work.resolve("input-" + files);
    delete(input);
    Files.createDirectories(input);
    Random random = new Random(SEED);
    for (int file = 0; file < files; file++) {
      try (BufferedWriter out = Files.newBufferedWriter(input.resolve(file + ".csv"))) {
        out.write(String.join(",", columns()) + "\n");
        for (int row = 0; row < rows; row++) {
          out.write(row(random, row));
        }
      }
    }
    return input;
  }

  /** About a hundred bytes: numbers, words, some empty, one of eight in quotes. */
  private static String row(Random random, int row) {
    return IntStream.range(0, COLUMNS)
            .mapToObj(
                column ->
                    switch (random.nextInt(8)) {
                      case 0 -> "";
                      case 1 -> "\"a, \"\"" + row + "\"\"\"";
                      case 2 -> "word" + column;
                      default -> Integer.toString(random.nextInt(10_000));
                    })
            .collect(Collectors.joining(","))
        + "\n";
  }

  private static List<String> columns() {
    return IntStream.range(0, COLUMNS).mapToObj(column -> "c" + column).toList();
  }

  private Contender.Run run(String contender, Path input, long rows) throws Exception {
    Path folder = work.resolve("run");
    delete(folder);
    Files.createDirectories(folder);
    if (contender.equals("millrace")) {
      millrace(input, folder);
    } else {
      spark(input, folder);
    }
    Contender.Run run = StreamedRun.next();
    long written = session.read().parquet(folder.resolve("output").toString()).count();
    if (written != rows) {
      throw new IllegalStateException("%s wrote %d of %d rows".formatted(contender, written, rows));
    }
    delete(folder);
    System.gc();
    return new Contender.Run(rows, run.nanoseconds(), run.cpuNanoseconds());
  }

  private void millrace(Path input, Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("files.yaml"),
            PIPELINE.formatted(
                input,
                columns().stream()
                    .map(column -> column + ": {type: string}")
                    .collect(Collectors.joining(", ")),
                String.join(", ", columns()),
                folder.resolve("output"),
                folder.resolve("dead-letters"),
                folder.resolve("checkpoints")));
    Overrides overrides =
        new Overrides(
            new OutputChoice.First(),
            Optional.empty(),
            List.of(),
            Optional.of(TriggerOverride.AVAILABLE_NOW),
            Optional.empty());
    PipelineDefinition pipeline =
        new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
            .load(file.toString(), overrides)
            .definition();
    new PipelineRun(pipeline, new PrintWriter(System.err, true, StandardCharsets.UTF_8), 140)
        .runIn(session);
  }

  private void spark(Path input, Path folder) throws Exception {
    session
        .readStream()
        .format("csv")
        .schema(
            columns().stream().map(column -> column + " STRING").collect(Collectors.joining(", ")))
        .option("header", "true")
        .option("multiLine", "true")
        .option("escape", "\"")
        .option("maxFilesPerTrigger", 100)
        .load(input.toString())
        .writeStream()
        .format("parquet")
        .option("checkpointLocation", folder.resolve("checkpoint").toString())
        .option("path", folder.resolve("output").toString())
        .trigger(Trigger.AvailableNow())
        .start()
        .awaitTermination();
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
