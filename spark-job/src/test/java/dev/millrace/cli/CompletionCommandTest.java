package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script that {@code completion} prints, in a real bash. */
class CompletionCommandTest {

  @TempDir Path folder;

  @BeforeEach
  void writeScript() throws IOException {
    StringWriter out = new StringWriter();
    int exitCode =
        Millrace.commandLine(Map.of(), new SparkEngine(Map.of()))
            .setOut(new PrintWriter(out))
            .execute("completion");
    assertThat(exitCode).isZero();
    Files.writeString(folder.resolve("completion.bash"), out.toString());
    Files.writeString(
        folder.resolve("rides.yaml"),
        "name: rides\noutputs:\n  bookings: {}\n  high-value:\n    sink: console\nsinks: {}\n");
    Files.createFile(folder.resolve("mend.jsonl"));
  }

  @Test
  void isValidBash() throws Exception {
    assertThat(bash("bash -n completion.bash")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          re                            | rejects replay
          comp                          | completion
          st                            | stack
          stack u                       | up
          kafka console-c               | console-consumer
          run r                         | rides.yaml
          rejects rides.yaml --l        | --limit --list
          rejects --code INVALID_J      | INVALID_JSON
          replay rides.yaml m           | mend.jsonl
          run rides.yaml --output h     | high-value
          run rides.yaml --sink p       | parquet
          stack up --fr                 | --free-ports
          preview rides.yaml --mes      | --messages
          sql --max                     | --max-rows
          """)
  void completes(String typed, String completed) throws Exception {
    String words = "millrace " + typed;
    int last = words.split(" ", -1).length - 1;

    assertThat(
            bash(
                "source completion.bash; COMP_WORDS=(%s); COMP_CWORD=%d; _millrace;"
                        .formatted(words, last)
                    + " echo \"${COMPREPLY[*]}\""))
        .isEqualTo(completed + "\n");
  }

  private String bash(String script) throws IOException, InterruptedException {
    Process bash =
        new ProcessBuilder(List.of("bash", "--norc", "-c", script))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    bash.waitFor();
    return said;
  }
}
