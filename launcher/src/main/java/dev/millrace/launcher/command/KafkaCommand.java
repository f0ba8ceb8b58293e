package dev.millrace.launcher.command;

import dev.millrace.launcher.error.LauncherErrors;
import dev.millrace.stack.LocalStackOptions;
import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.server.KafkaTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code ./millrace kafka}. */
@Command(
    name = "kafka",
    description = {
      "Run one of Kafka's own tools; --bootstrap-server is filled in from the running stack.",
      "topics, console-producer, console-consumer, consumer-groups, configs, get-offsets,"
          + " delete-records, transactions, log-dirs, metadata-quorum"
    },
    footer = {
      "",
      "For example:",
      "  ./millrace kafka topics --create --topic orders --partitions 3",
      "  ./millrace kafka console-producer --topic orders",
      "  ./millrace kafka console-consumer --topic orders --from-beginning"
    })
final class KafkaCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "TOOL", description = "As in kafka-TOOL.sh.")
  private String tool;

  @Parameters(index = "1..*", paramLabel = "ARGUMENTS", description = "The tool's own.")
  private List<String> arguments = List.of();

  @Override
  public Integer call() {
    KafkaTool known =
        KafkaTool.named(tool)
            .orElseThrow(() -> LauncherErrors.unknownKafkaTool(tool, KafkaTool.names()));
    List<String> complete =
        KafkaTool.lacksBootstrapServer(arguments)
            ? KafkaTool.withBootstrapServer(
                arguments, new DataFolder().requireRunning(Component.KAFKA).bootstrapServers())
            : arguments;
    Path home = LocalStackOptions.homeFromSystemProperty();
    return run(known.command(home, DataFolder.inProject("cache"), complete));
  }

  /** Runs it on this terminal and waits for its end, also when Ctrl-C reaches both. */
  private static int run(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).inheritIO().start();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> awaitEnd(process)));
      return process.waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw StackErrors.interrupted("running a tool of Kafka's", e);
    }
  }

  private static void awaitEnd(Process process) {
    process.destroy();
    process.onExit().join();
  }
}
