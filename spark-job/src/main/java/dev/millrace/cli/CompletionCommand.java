package dev.millrace.cli;

import dev.millrace.config.parse.SinkKind;
import dev.millrace.error.data.DataError;
import dev.millrace.pipeline.SinkConnectors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Spec;

/** {@code completion}. */
@Command(
    name = "completion",
    description = {
      "Prints a script that teaches bash, or zsh, to complete the commands of ./millrace, their flags,"
          + " pipeline files and names of outputs."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "2:wrong input: the command line"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  source <(./millrace completion)",
      "  ./millrace completion > ~/.local/share/bash-completion/completions/millrace"
    })
final class CompletionCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    Map<String, CommandLine> shown =
        new LinkedHashMap<>(spec.root().commandLine().getSubcommands());
    shown.values().removeIf(each -> each.getCommandSpec().usageMessage().hidden());
    String flags =
        shown.entrySet().stream()
            .map(each -> "    " + each.getKey() + ") echo \"" + flags(each.getValue()) + "\" ;;")
            .collect(Collectors.joining("\n"));
    // Commands that have a pipeline file for their first parameter.
    String piped =
        shown.entrySet().stream()
            .filter(each -> !each.getValue().getCommandSpec().positionalParameters().isEmpty())
            .map(Map.Entry::getKey)
            .collect(Collectors.joining(" | "));
    String commands =
        shown.keySet().stream()
            .filter(name -> !name.equals(spec.name()))
            .collect(Collectors.joining(" "));
    spec.commandLine()
        .getOut()
        .print(
            template()
                .replace("@FLAGS@", flags)
                .replace("@PIPED@", piped)
                .replace("@COMMANDS@", commands)
                .replace(
                    "@SINKS@",
                    words(SinkConnectors.STANDARD.kinds().stream().map(SinkKind::spelling)))
                .replace("@CODES@", words(Arrays.stream(DataError.Code.values()).map(Enum::name))));
    spec.commandLine().getOut().flush();
  }

  private static String flags(CommandLine command) {
    return words(
        command.getCommandSpec().options().stream()
            .filter(option -> !option.hidden())
            .map(OptionSpec::longestName)
            .sorted());
  }

  private static String words(Stream<String> words) {
    return words.collect(Collectors.joining(" "));
  }

  private static String template() {
    try (InputStream file = CompletionCommand.class.getResourceAsStream("completion.bash")) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
