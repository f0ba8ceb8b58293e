package dev.millrace.error;

import java.util.Collection;
import java.util.List;
import org.apache.commons.lang3.StringUtils;

/** The part of the catalogue for the command line. */
public final class CommandLineErrors {

  private CommandLineErrors() {}

  public static String settingWithoutValue(String setting) {
    return "'" + setting + "' has no value. Write --set key.path=value.";
  }

  public static String settingBelowValue(String parent, String found) {
    return "'" + parent + "' is " + found + " and has no keys. Set it as a whole.";
  }

  public static String unknownOutput(String output, Collection<String> outputs) {
    return "unknown output '" + output + "'. " + UserErrors.oneOf(output, outputs);
  }

  public static String missingCommand() {
    return "Missing command";
  }

  /** The command has done its work, and what it printed is lost. */
  public static UserException closedOutput() {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            "standard output can't be written: it is closed, or its disk is full. What was printed"
                + " is incomplete."),
        null);
  }

  /** An option that the command does not have; {@code help} is the command that lists them. */
  public static UserException unknownOption(
      String option, Collection<String> options, String help, Throwable cause) {
    String name = option.replaceFirst("=.*", "");
    return wrongCommandLine(
        "unknown option '" + name + "'" + "." + UserErrors.didYouMean(name, options), help, cause);
  }

  /** The name of a command that there is not. */
  public static UserException unknownCommand(
      String command, Collection<String> commands, String help, Throwable cause) {
    String problem =
        command.equals("rejects")
            ? UserErrors.renamedKey(command, "dead-letters")
            : "unknown command '" + command + "'. " + UserErrors.oneOf(command, commands);
    return wrongCommandLine(problem, help, cause);
  }

  /** An argument too many. */
  public static UserException unexpectedArgument(String argument, String help, Throwable cause) {
    return wrongCommandLine("unexpected argument '" + argument + "'.", help, cause);
  }

  /** Any other command line that does not parse, in the words of the parser. */
  public static UserException invalidCommandLine(String problem, String help, Throwable cause) {
    String sentence = StringUtils.uncapitalize(problem.replaceFirst("^Error: ", ""));
    return wrongCommandLine(sentence + ".", help, cause);
  }

  private static UserException wrongCommandLine(String problem, String help, Throwable cause) {
    return new UserException(
        UserException.WRONG_INPUT, List.of(problem + " See '" + help + "'."), cause);
  }

  /** Something that can't be accepted. */
  public static String unknownAcceptance(String found, java.util.Collection<String> known) {
    return "--accept: unknown value '%s'. %s".formatted(found, UserErrors.oneOf(found, known));
  }
}
