package dev.millrace.cli;

import dev.millrace.error.CommandLineErrors;
import dev.millrace.error.UserErrors;
import dev.millrace.error.UserException;
import java.nio.charset.Charset;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line: flags become overrides, errors become messages and exit codes. */
@Command(
    name = "millrace",
    description = "Turns the changes of Postgres tables into live, trustworthy analytics.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed at run time",
      "2:wrong input: the command line, the pipeline file, the environment"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace validate pipelines/ride-bookings.yaml",
      "  millrace run pipelines/ride-bookings.yaml",
      "  millrace run --help"
    })
public final class Millrace implements Runnable {

  @Spec private CommandSpec spec;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  private boolean isDebugging;

  private Millrace() {}

  /** Runs a command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(
        commandLine(System.getenv(), new SparkEngine(System.getenv()))
            // Unlike picocli's own, this one knows of errors that System.out has met.
            .setOut(new TerminalWriter(System.out, Charset.defaultCharset()))
            .setErr(new TerminalWriter(System.err, Charset.defaultCharset()))
            .execute(arguments));
  }

  /**
   * A command whose output has not arrived has not done what it is for. A run has: it delivers to
   * its sinks, of which the console checks for itself.
   */
  private static int execute(ParseResult parsed) {
    int exitCode;
    try {
      exitCode = new CommandLine.RunLast().execute(parsed);
    } catch (Error failure) {
      // Not handled by picocli; and Spark's threads keep a process alive whose main thread failed.
      throw toHandler(parsed, UserErrors.unexpected(failure));
    }
    boolean isRun =
        parsed.hasSubcommand() && parsed.subcommand().commandSpec().name().equals("run");
    if (exitCode == 0 && !isRun && parsed.commandSpec().commandLine().getOut().checkError()) {
      throw toHandler(parsed, CommandLineErrors.closedOutput());
    }
    return exitCode;
  }

  /** Picocli hands only causes of its own exception to the handler of exceptions. */
  private static ExecutionException toHandler(ParseResult parsed, UserException failure) {
    return new ExecutionException(
        parsed.commandSpec().commandLine(), failure.getMessage(), failure);
  }

  static CommandLine commandLine(Map<String, String> environment, PipelineEngine engine) {
    Millrace millrace = new Millrace();
    CommandLine commandLine =
        new CommandLine(millrace)
            .addSubcommand(new RunCommand(environment, engine))
            .addSubcommand(new ValidateCommand(environment, engine))
            .addSubcommand(new InferCommand(environment, engine))
            .addSubcommand(new PreviewCommand(environment, engine))
            .addSubcommand(new QueryCommand(environment, engine))
            .addSubcommand(new VerifyCommand(environment, engine))
            .addSubcommand(new RebuildCommand(environment, engine))
            .addSubcommand(new SqlViewCommand(environment))
            .addSubcommand(new DeadLettersCommand(environment))
            .addSubcommand(new ReplayCommand(environment))
            .addSubcommand(new CompactCommand(environment, engine))
            .addSubcommand(new ResetCommand(environment, System.in))
            .addSubcommand(new CompletionCommand());
    ErrorReport report = new ErrorReport(() -> millrace.isDebugging);
    return commandLine
        .setExecutionStrategy(Millrace::execute)
        .setParameterExceptionHandler(report)
        .setExecutionExceptionHandler(report)
        // Escape sequences would not pass the writer.
        .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
        .setAbbreviatedOptionsAllowed(false)
        .setUsageHelpAutoWidth(true);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), CommandLineErrors.missingCommand());
  }
}
