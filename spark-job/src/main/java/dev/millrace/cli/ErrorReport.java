package dev.millrace.cli;

import dev.millrace.error.CommandLineErrors;
import dev.millrace.error.UserErrors;
import dev.millrace.error.UserException;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Errors to standard error, a line a problem, and to the exit code. */
final class ErrorReport implements IParameterExceptionHandler, IExecutionExceptionHandler {

  private final BooleanSupplier isDebugging;

  ErrorReport(BooleanSupplier isDebugging) {
    this.isDebugging = isDebugging;
  }

  @Override
  public int handleParseException(ParameterException exception, String[] arguments) {
    CommandLine command = exception.getCommandLine();
    String help = command.getCommandSpec().qualifiedName() + " --help";
    return report(error(exception, help), command);
  }

  private static UserException error(ParameterException exception, String help) {
    if (!(exception instanceof UnmatchedArgumentException unmatched)) {
      return CommandLineErrors.invalidCommandLine(exception.getMessage(), help, exception);
    }
    String argument = unmatched.getUnmatched().get(0);
    Collection<String> commands =
        exception.getCommandLine().getSubcommands().entrySet().stream()
            .filter(each -> !each.getValue().getCommandSpec().usageMessage().hidden())
            .map(Map.Entry::getKey)
            .toList();
    if (unmatched.isUnknownOption()) {
      List<String> options =
          exception.getCommandLine().getCommandSpec().options().stream()
              .map(OptionSpec::longestName)
              .toList();
      return CommandLineErrors.unknownOption(argument, options, help, exception);
    }
    return commands.isEmpty()
        ? CommandLineErrors.unexpectedArgument(argument, help, exception)
        : CommandLineErrors.unknownCommand(argument, commands, help, exception);
  }

  @Override
  public int handleExecutionException(
      Exception exception, CommandLine command, ParseResult arguments) {
    return report(
        exception instanceof UserException error ? error : UserErrors.unexpected(exception),
        command);
  }

  private int report(UserException error, CommandLine command) {
    PrintWriter err = command.getErr();
    for (String problem : error.problems()) {
      err.println("error: " + problem);
    }
    if (error.problems().size() > 1) {
      err.println(error.problems().size() + " problems");
    }
    if (isDebugging.getAsBoolean()) {
      error.printStackTrace(err);
    }
    err.flush();
    return error.exitCode();
  }
}
