package dev.millrace.simulator.command;

import dev.millrace.simulator.Pace;
import dev.millrace.simulator.error.SimulatorErrors;
import dev.millrace.simulator.event.Event;
import dev.millrace.simulator.event.TopicSink.Compression;
import dev.millrace.simulator.songs.ListeningMessages;
import dev.millrace.simulator.songs.People;
import dev.millrace.simulator.songs.SongsFile;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code simulate songs}. */
@Command(
    name = "songs",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = {
      "Sends who listened to what, as JSON to a topic of Kafka, keyed by the person: twenty people,"
          + " who choose at random from a CSV of songs. The same seed gives the same messages but"
          + " for their timestamps.",
      "",
      "The producer compresses its batches with gzip (compression.type=gzip): the broker stores"
          + " them so, and a consumer gets to see plain JSON.",
      ""
    },
    footer = {"", "Exit codes: 0 done or stopped by Ctrl-C, 1 failed at run time, 2 wrong input."})
final class SongsCommand extends TopicCommand {

  private static final double SECONDS_PER_MINUTE = 60;

  @Option(
      names = "--name",
      defaultValue = "Guest",
      description =
          "Who listens in addition to nineteen made-up people. Default: ${DEFAULT-VALUE}.")
  private String name;

  @Option(
      names = "--songs",
      paramLabel = "FILE",
      description = "The CSV of songs. Default: the made-up ones in ${DEFAULT-VALUE}.")
  private Path songs;

  @Option(
      names = "--songs-per-minute",
      defaultValue = "1",
      paramLabel = "SONGS",
      description =
          "How many songs each person listens to. 0: as fast as possible. Default:"
              + " ${DEFAULT-VALUE}.")
  private double songsPerMinute;

  @Option(
      names = "--rows",
      defaultValue = "0",
      paramLabel = "SONGS",
      description =
          "Songs to send, of all people together. 0: continue until Ctrl-C. Default:"
              + " ${DEFAULT-VALUE}.")
  private long rows;

  @Option(
      names = "--unknown",
      defaultValue = "0.02",
      paramLabel = "SHARE",
      description =
          "How many of the songs are not in the CSV, as 0.01 for one in a hundred. Default:"
              + " ${DEFAULT-VALUE}.")
  private double unknownShare;

  @Option(
      names = "--topic",
      defaultValue = "songs_played",
      description = "Default: ${DEFAULT-VALUE}.")
  private String topic;

  @Override
  Stream<Optional<String>> problems() {
    return Stream.of(
        SimulatorErrors.blank("--name", name, "the listener's name"),
        SimulatorErrors.invalidRate(
            "--songs-per-minute", songsPerMinute, "songs per minute and person"),
        SimulatorErrors.invalidCount("--rows", rows, "songs", "to continue until Ctrl-C"),
        SimulatorErrors.invalidShare("--unknown", unknownShare));
  }

  @Override
  Iterator<Event> events() {
    return new ListeningMessages(
        new ListeningMessages.Settings(
            seed(), count(), People.with(name), SongsFile.names(songs), unknownShare),
        InstantSource.system());
  }

  @Override
  String topic() {
    return topic;
  }

  @Override
  Compression compression() {
    return Compression.GZIP;
  }

  @Override
  Pace pace() {
    return new Pace(songsPerMinute * People.with(name).size() / SECONDS_PER_MINUTE);
  }

  @Override
  long count() {
    return countOrEndless(rows);
  }

  @Override
  String things() {
    return "songs";
  }
}
