package dev.millrace.stack.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What a demo has written: the folders of its batches, and how much is in each. */
final class OutputListing {

  private static final int MOST = 12;

  private final DemoStage stage;

  OutputListing(DemoStage stage) {
    this.stage = stage;
  }

  /** Says it; nothing where there is nothing. */
  void show() {
    List<String> lines = new ArrayList<>();
    try (Stream<Path> below = Files.walk(stage.output())) {
      for (Path batch : below.filter(OutputListing::isBatch).sorted().toList()) {
        lines.add(line(batch));
      }
    } catch (IOException e) {
      stage.say().accept("Nothing was written to " + stage.output());
      return;
    }
    stage.say().accept("Written to " + stage.output() + ":");
    lines.stream().limit(MOST).forEach(stage.say());
    if (lines.size() > MOST) {
      stage.say().accept("... and %,d more".formatted(lines.size() - MOST));
    }
  }

  private String line(Path batch) throws IOException {
    try (Stream<Path> files = Files.walk(batch)) {
      List<Path> data =
          files
              .filter(Files::isRegularFile)
              .filter(file -> !file.getFileName().toString().startsWith("."))
              .toList();
      long bytes = 0;
      for (Path file : data) {
        bytes += Files.size(file);
      }
      return "  %s: %,d files, %,d bytes"
          .formatted(stage.output().relativize(batch), data.size(), bytes);
    }
  }

  private static boolean isBatch(Path path) {
    return Files.isDirectory(path) && path.getFileName().toString().startsWith("batch=");
  }
}
