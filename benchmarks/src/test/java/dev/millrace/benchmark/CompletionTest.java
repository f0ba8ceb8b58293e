package dev.millrace.benchmark;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.cli.Millrace;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The script of {@code ./millrace completion}, which can't see the commands of this module. */
class CompletionTest {

  @Test
  void knowsTheFlagsAndCommands() throws IOException {
    CommandLine benchmark = Benchmark.commandLine();
    List<String> lines = new ArrayList<>();
    lines.add(line("benchmark", flags(benchmark)));
    lines.add(line("benchmark", benchmark.getSubcommands().keySet().stream()));
    benchmark
        .getSubcommands()
        .forEach((name, command) -> lines.add(line("benchmark\\ " + name, flags(command))));

    try (InputStream script = Millrace.class.getResourceAsStream("completion.bash")) {
      assertThat(new String(script.readAllBytes(), UTF_8).lines()).containsAll(lines);
    }
  }

  private static Stream<String> flags(CommandLine command) {
    return command.getCommandSpec().options().stream()
        .filter(option -> !option.hidden())
        .map(OptionSpec::longestName);
  }

  private static String line(String name, Stream<String> words) {
    return "    %s) echo \"%s\" ;;".formatted(name, words.sorted().collect(joining(" ")));
  }
}
