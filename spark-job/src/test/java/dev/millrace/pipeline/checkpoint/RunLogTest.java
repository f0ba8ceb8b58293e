package dev.millrace.pipeline.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.error.CassandraErrors;
import dev.millrace.error.UserException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

public class RunLogTest {

  private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{3})?Z ";

  private final StringWriter said = new StringWriter();

  @TempDir Path folder;

  @Test
  void keepsWhatIsSaidInAFileNamedByPipelineAndTime() throws IOException {
    Path logs = folder.resolve("logs/of/exports");
    try (RunLog log = RunLog.begin(logs.toString(), "export", new PrintWriter(said, true))) {
      log.out().println("first");
      log.out().printf("%d%nrows%n", 2);
      log.failed(CassandraErrors.interrupted("here:9042", null));
    }

    Path file = onlyFileIn(logs);
    assertThat(file.getFileName().toString()).matches("export-\\d{8}T\\d{6}Z\\.log");
    assertThat(Files.readAllLines(file))
        .allSatisfy(line -> assertThat(line).matches(TIME + ".*"))
        .extracting(line -> line.replaceFirst(TIME, ""))
        .containsExactly("first", "2", "rows", "error: Cassandra at here:9042: interrupted.");
    assertThat(said.toString().lines()).containsExactly("log: " + file, "first", "2", "rows");
  }

  @Test
  void saysThatTheFolderCannotBeWritten() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));

    assertThatThrownBy(
            () -> RunLog.begin(file.resolve("logs").toString(), "export", new PrintWriter(said)))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("log-folder " + file + "/logs: can't be written (");
  }

  private static Path onlyFileIn(Path logs) throws IOException {
    try (Stream<Path> files = Files.list(logs)) {
      List<Path> found = files.toList();
      assertThat(found).hasSize(1);
      return found.get(0);
    }
  }
}
