package dev.millrace.cli;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.launcher.command.Launcher;
import dev.millrace.simulator.command.Simulator;
import dev.millrace.stack.server.KafkaTool;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

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
    Files.createFile(folder.resolve("corrected.jsonl"));
  }

  /** The lines of the script's tables that a command and those below it need. */
  private static List<String> lines(String name, CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    List<String> lines = new ArrayList<>();
    lines.add(
        line(
            name,
            spec.options().stream()
                .filter(option -> !option.hidden())
                .map(OptionSpec::longestName)));
    Stream<String> words =
        Stream.concat(
            command.getSubcommands().keySet().stream(),
            spec.positionalParameters().stream()
                .filter(parameter -> parameter.completionCandidates() != null)
                .flatMap(
                    parameter ->
                        StreamSupport.stream(
                            parameter.completionCandidates().spliterator(), false)));
    List<String> all = words.toList();
    if (!all.isEmpty()) {
      lines.add(line(name, all.stream()));
    }
    command
        .getSubcommands()
        .forEach((below, each) -> lines.addAll(lines(name + "\\ " + below, each)));
    return lines;
  }

  private static String line(String name, Stream<String> words) {
    return "    %s) echo \"%s\" ;;".formatted(name, words.sorted().collect(joining(" ")));
  }

  @Test
  void knowsTheFlagsAndCommandsOfTheOtherPrograms() throws IOException {
    List<String> lines = new ArrayList<>(lines("simulate", Simulator.commandLine(Map.of())));
    Launcher.commandLine()
        .getSubcommands()
        .forEach((name, command) -> lines.addAll(lines(name, command)));

    assertThat(Files.readAllLines(folder.resolve("completion.bash"))).containsAll(lines);
  }

  @Test
  void knowsTheToolsOfKafka() throws Exception {
    assertThat(bash("source completion.bash; _millrace_words kafka").split("\\s+"))
        .containsExactlyInAnyOrderElementsOf(KafkaTool.names());
  }

  @Test
  void knowsTheCommandsThatTheLauncherNames() throws Exception {
    Path launcher = Path.of(System.getProperty("millrace.home"), "millrace");
    List<String> commands =
        Pattern.compile("(?m)^  ./millrace ([a-z-]+)")
            .matcher(Files.readString(launcher))
            .results()
            .map(match -> match.group(1))
            .distinct()
            .toList();

    assertThat(commands).contains("run", "demo", "benchmark");
    assertThat(
            bash("source completion.bash; COMP_WORDS=(millrace ''); COMP_CWORD=1; _millrace;"
                    + " echo \"${COMPREPLY[*]}\"")
                .split("\\s+"))
        .containsAll(commands);
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
          q                             | query
          verify rides.yaml --w         | --wait
          sql --v                       | --view
          re                            | rebuild replay reset report
          comp                          | compact completion
          st                            | stack
          stack u                       | up
          kafka console-c               | console-consumer
          run r                         | rides.yaml
          dead-letters rides.yaml --l   | --limit --list
          dead-letters --code INVALID_J | INVALID_JSON
          replay rides.yaml cor         | corrected.jsonl
          run rides.yaml --output h     | high-value
          run rides.yaml --sink pa      | parquet
          run rides.yaml --sink po      | postgres
          run rides.yaml --sink ic      | iceberg
          stack up --fr                 | --free-ports
          simulate s                    | songs
          simulate songs --songs-       | --songs-per-minute
          simulate --cs                 | --csv
          simulate files --rows-        | --rows-per-file
          demo f                        | files
          demo files --s                | --seed --sink
          cql --m                       | --max-rows
          benchmark gr                  | growth
          benchmark growth --war        | --warm-ups
          benchmark --sl                | --slow-messages
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
