package dev.millrace.launcher.demo;

import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.server.Folders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a demo has written: the folders of its batches, and how much is in each. */
final class OutputListing {

  private static final int MOST = 12;

  private final DemoStage stage;

  OutputListing(DemoStage stage) {
    this.stage = stage;
  }

  /** Prints it; nothing where there is nothing. */
  void show() {
    List<String> lines = new ArrayList<>();
    try {
      for (Path batch : Folders.below(stage.output())) {
        if (batch.getFileName().toString().startsWith("batch=")) {
          lines.add(line(batch));
        }
      }
    } catch (IOException e) {
      throw StackErrors.unreadableFile(stage.output(), e);
    }
    if (lines.isEmpty()) {
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
    List<Long> sizes =
        Folders.files(batch).entrySet().stream()
            .filter(file -> !file.getKey().getFileName().toString().startsWith("."))
            .map(Map.Entry::getValue)
            .toList();
    return "  %s: %,d files, %,d bytes"
        .formatted(
            stage.output().relativize(batch),
            sizes.size(),
            sizes.stream().mapToLong(Long::longValue).sum());
  }
}
