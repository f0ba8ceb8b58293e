package dev.millrace.launcher.demo;

import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.StackProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** CSV files that appear in a folder, to Parquet, one of which is rejected. */
final class FilesDemo implements DemoScenario {

  private static final int FILES_PER_SECOND = 2;

  @Override
  public String name() {
    return "files";
  }

  @Override
  public String title() {
    return "CSV files -> Spark -> Parquet files";
  }

  @Override
  public Set<Component> sources() {
    return Set.of();
  }

  @Override
  public String defaultSink() {
    return "parquet";
  }

  @Override
  public Play begin(DemoStage stage) {
    Path input = stage.folder().resolve("input");
    try {
      Files.createDirectories(input);
      Files.writeString(input.resolve("invalid.csv"), "date,price\n2024-03-23,cheap\n");
    } catch (IOException e) {
      throw StackErrors.unwritableFolder(input, e);
    }
    String sink = stage.sink();
    StackProcess job =
        stage.startJob(
            "files.yaml",
            List.of("--output", "rides", "--sink", sink, "--set", "trigger.interval=2s"),
            Map.of("INPUT_DIR", input.toString()));
    int rate = stage.settings().rate().orElse(FILES_PER_SECOND);
    StackProcess simulator =
        stage.startSimulator(
            List.of(
                "files",
                "--quiet",
                "--to",
                input.toString(),
                "--rate",
                Integer.toString(rate),
                "--files",
                stage.rows(),
                "--seed",
                Long.toString(stage.settings().seed())),
            Map.of());
    stage.say().accept("Files arrive in %s, %d a second; one is invalid".formatted(input, rate));
    stage.stack().awaitReady();
    return new Play(job, Optional.of(simulator));
  }

  @Override
  public boolean hasProcessedAll(DemoStage stage) {
    Path input = stage.folder().resolve("input");
    try (Stream<Path> arrived = Files.list(input)) {
      return new FolderProgress(stage.checkpoints())
          .hasProcessed(
              arrived
                  .map(path -> path.getFileName().toString())
                  .filter(name -> !name.matches("[._].*"))
                  .collect(Collectors.toSet()));
    } catch (IOException e) {
      throw StackErrors.unwritableFolder(input, e);
    }
  }

  @Override
  public void showResults(DemoStage stage) {
    new OutputListing(stage).show();
  }

  @Override
  public String farewell() {
    return """
          ./millrace demo files --sink csv
          ./millrace demo interval   messages of Kafka, to Parquet by interval\
        """;
  }
}
