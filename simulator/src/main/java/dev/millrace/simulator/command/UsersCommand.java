package dev.millrace.simulator.command;

import dev.millrace.simulator.Pace;
import dev.millrace.simulator.error.SimulatorErrors;
import dev.millrace.simulator.event.Event;
import dev.millrace.simulator.event.TopicSink.Compression;
import dev.millrace.simulator.users.UserMessages;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code simulate users}. */
@Command(
    name = "users",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Sends made-up users as JSON to a topic of Kafka, keyed by their id. The same seed gives the"
          + " same messages.",
      ""
    },
    footer = {"", "Exit codes: 0 done or stopped by Ctrl-C, 1 failed at run time, 2 wrong input."})
final class UsersCommand extends TopicCommand {

  @Option(
      names = "--rate",
      defaultValue = "10",
      paramLabel = "USERS",
      description = "Users per second. 0: as fast as possible. Default: ${DEFAULT-VALUE}.")
  private double rate;

  @Option(
      names = "--rows",
      defaultValue = "1000",
      paramLabel = "USERS",
      description = "Users to send. 0: continue until Ctrl-C. Default: ${DEFAULT-VALUE}.")
  private long rows;

  @Option(
      names = "--malformed",
      defaultValue = "0",
      paramLabel = "SHARE",
      description =
          "How many of the messages can't be read, as 0.01 for one in a hundred: JSON that is cut"
              + " off, no JSON, an id that is not a UUID, no id. Default: ${DEFAULT-VALUE}.")
  private double malformedShare;

  @Option(
      names = "--topic",
      defaultValue = "users_created",
      description = "Default: ${DEFAULT-VALUE}.")
  private String topic;

  @Override
  Stream<Optional<String>> problems() {
    return Stream.of(
        SimulatorErrors.invalidRate("--rate", rate, "users per second"),
        SimulatorErrors.invalidCount("--rows", rows, "users", "to continue until Ctrl-C"),
        SimulatorErrors.invalidShare("--malformed", malformedShare));
  }

  @Override
  Iterator<Event> events() {
    return new UserMessages(seed(), count(), malformedShare);
  }

  @Override
  String topic() {
    return topic;
  }

  @Override
  Compression compression() {
    return Compression.NONE;
  }

  @Override
  Pace pace() {
    return new Pace(rate);
  }

  @Override
  long count() {
    return countOrEndless(rows);
  }

  @Override
  String things() {
    return "users";
  }
}
