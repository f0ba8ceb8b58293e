package dev.millrace.launcher.command;

import dev.millrace.launcher.error.LauncherErrors;
import dev.millrace.simulator.command.Simulator;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.error.StackException;
import dev.millrace.stack.process.Component;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The commands of {@code ./millrace} that concern the local stack. */
@Command(
    name = "millrace",
    subcommands = {
      StackCommand.class,
      SqlCommand.class,
      CqlCommand.class,
      ReportCommand.class,
      KafkaCommand.class,
      DemoCommand.class
    },
    description =
        "The local stack: real Postgres, Kafka, Kafka Connect and Cassandra, without containers.",
    synopsisSubcommandLabel = "COMMAND")
public final class Launcher implements Runnable {

  @Spec private CommandSpec spec;

  @Option(
      names = "--debug",
      scope = CommandLine.ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  private boolean isDebug;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = CommandLine.ScopeType.INHERIT,
      description = "Show this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean isHelpWanted;

  /** Runs a command and exits with its code. */
  public static void main(String[] arguments) {
    boolean isSimulation = arguments.length > 0 && arguments[0].equals("simulate");
    int exitCode;
    try {
      exitCode =
          isSimulation
              ? Simulator.commandLine(environmentOfSimulation())
                  .setOut(standardOutput())
                  .execute(Arrays.copyOfRange(arguments, 1, arguments.length))
              : commandLine().setOut(standardOutput()).execute(arguments);
    } catch (StackException failure) {
      // Before the command line of a simulation was read.
      System.err.println(failure.getMessage());
      exitCode = failure.exitCode();
    }
    System.exit(exitCode);
  }

  /** Unlike picocli's own, this one knows of errors that System.out has met. */
  private static PrintWriter standardOutput() {
    return new PrintWriter(System.out, true, Charset.defaultCharset());
  }

  /** Where rides and messages go that nobody has named a server for: to the running stack. */
  private static Map<String, String> environmentOfSimulation() {
    Map<String, String> environment = new HashMap<>(System.getenv());
    boolean isPostgresNamed =
        environment.containsKey("POSTGRES_HOST") || environment.containsKey("POSTGRES_PASSWORD");
    if (!isPostgresNamed || !environment.containsKey("KAFKA_BOOTSTRAP_SERVERS")) {
      new DataFolder()
          .running()
          .map(LocalStack::connections)
          .ifPresent(
              stack -> {
                environment.putIfAbsent("KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers());
                if (!isPostgresNamed) {
                  environment.put(
                      "POSTGRES_PORT", Integer.toString(stack.port(Component.POSTGRES)));
                  environment.put("POSTGRES_USER", stack.postgresUser());
                  environment.put("POSTGRES_PASSWORD", stack.postgresPassword());
                }
              });
    }
    return environment;
  }

  /** The commands, ready to be executed. */
  public static CommandLine commandLine() {
    Launcher root = new Launcher();
    CommandLine commandLine = new CommandLine(root);
    // What follows the name of a tool is the tool's, --help included.
    commandLine.getSubcommands().get("kafka").setStopAtPositional(true);
    return commandLine
        .setExecutionStrategy(Launcher::execute)
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> report(failure, command.getErr(), root.isDebug));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command. See ./millrace --help");
  }

  private static int report(Exception failure, PrintWriter out, boolean isDebug) {
    StackException known =
        failure instanceof StackException each ? each : LauncherErrors.unexpected(failure);
    out.println(known.getMessage());
    if (isDebug) {
      known.printStackTrace(out);
    }
    out.flush();
    return known.exitCode();
  }

  /** The exit code of a command whose output has not arrived is not that of success. */
  private static int execute(ParseResult parsed) {
    int exitCode;
    try {
      exitCode = new CommandLine.RunLast().execute(parsed);
    } catch (Error failure) {
      // Not handled by picocli; and drivers' threads keep a process alive whose main thread failed.
      throw toHandler(parsed, LauncherErrors.unexpected(failure));
    }
    CommandLine command = parsed.commandSpec().commandLine();
    if (exitCode == 0 && command.getOut().checkError()) {
      throw toHandler(parsed, LauncherErrors.closedOutput());
    }
    return exitCode;
  }

  /** Picocli hands only causes of its own exception to the handler of exceptions. */
  private static ExecutionException toHandler(ParseResult parsed, StackException failure) {
    return new ExecutionException(
        parsed.commandSpec().commandLine(), failure.getMessage(), failure);
  }
}
