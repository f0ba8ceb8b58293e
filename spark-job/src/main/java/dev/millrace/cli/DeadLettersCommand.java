package dev.millrace.cli;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.SourceDefinition.Contents;
import dev.millrace.deadletter.DeadLetter;
import dev.millrace.deadletter.DeadLetter.Cause;
import dev.millrace.deadletter.DeadLetterJson;
import dev.millrace.deadletter.DeadLetters;
import dev.millrace.deadletter.RejectedFile;
import dev.millrace.error.DeadLetterErrors;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dead-letters PIPELINE}. */
@Command(
    name = "dead-letters",
    description = {
      "Shows the dead letters of a pipeline: messages that could not be read, grouped by what is wrong"
          + " with them.",
      "A message that several queries have met counts once."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done, also where there are none",
      "1:failed at run time",
      "2:wrong input: the command line, the pipeline file, the environment"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace dead-letters pipelines/ride-bookings.yaml",
      "  millrace dead-letters pipelines/ride-bookings.yaml --list --limit 5",
      "  millrace dead-letters pipelines/ride-bookings.yaml --code INVALID_VALUE \\",
      "    --column booking_value --export corrected.jsonl"
    })
final class DeadLettersCommand implements Runnable {

  private static final Comparator<DeadLetter> NEWEST_FIRST =
      Comparator.comparing(DeadLetter::timestamp)
          .thenComparing(letter -> letter.position().topic())
          .thenComparing(letter -> letter.position().partition())
          .thenComparing(letter -> letter.position().offset())
          .reversed();

  private final Map<String, String> environment;

  @Spec private CommandSpec spec;
  @Mixin private PipelineArguments arguments;

  @Option(names = "--list", description = "One line each, newest first.")
  private boolean isList;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "50",
      description = "With --list: the most lines; default ${DEFAULT-VALUE}.")
  private int limit;

  @Option(names = "--code", paramLabel = "CODE", description = "Only those of this code.")
  private String code;

  @Option(names = "--column", paramLabel = "COLUMN", description = "Only those of this column.")
  private String column;

  @Option(
      names = "--export",
      paramLabel = "FILE",
      description = "Write them to a file, a line of JSON each, to be corrected and replayed.")
  private String export;

  DeadLettersCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public void run() {
    PipelineDefinition pipeline = arguments.load(environment);
    PrintWriter out = spec.commandLine().getOut();
    if (pipeline.source().contents() == Contents.FILES) {
      files(pipeline, out);
    } else if (export != null) {
      out.printf("%,d written to %s%n", export(pipeline), export);
    } else if (isList) {
      list(pipeline, out);
    } else {
      groups(pipeline, out);
    }
    out.flush();
  }

  /** A file is corrected and put into the folder again, so there is nothing to export. */
  private void files(PipelineDefinition pipeline, PrintWriter out) {
    if (export != null) {
      throw DeadLetterErrors.noMessages(pipeline.source().kind());
    }
    List<RejectedFile> files = DeadLetters.files(pipeline);
    if (files.isEmpty()) {
      out.println("No dead letters in " + pipeline.deadLetters().place() + ".");
      return;
    }
    out.printf(
        "%,d file%s in %s%n%n",
        files.size(), files.size() == 1 ? "" : "s", pipeline.deadLetters().place());
    files.forEach(file -> out.println(file.message()));
  }

  private long export(PipelineDefinition pipeline) {
    long[] count = {0};
    try (BufferedWriter file = Files.newBufferedWriter(Path.of(export))) {
      DeadLetters.forEach(
          pipeline,
          letter -> {
            if (letter.isOf(code, column)) {
              write(file, letter);
              count[0]++;
            }
          });
    } catch (IOException | UncheckedIOException | InvalidPathException e) {
      throw DeadLetterErrors.unwritableExport(export, e);
    }
    return count[0];
  }

  private static void write(BufferedWriter file, DeadLetter letter) {
    try {
      file.write(DeadLetterJson.write(letter));
      file.newLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void list(PipelineDefinition pipeline, PrintWriter out) {
    // The oldest of those that are shown comes first, to make room for a newer one.
    PriorityQueue<DeadLetter> newest = new PriorityQueue<>(NEWEST_FIRST.reversed());
    long[] count = {0};
    DeadLetters.forEach(
        pipeline,
        letter -> {
          if (letter.isOf(code, column)) {
            count[0]++;
            newest.add(letter.withoutContents());
            if (newest.size() > limit) {
              newest.remove();
            }
          }
        });
    newest.stream()
        .sorted(NEWEST_FIRST)
        .forEach(
            letter ->
                out.printf(
                    "%s  %s  %s  %s%n",
                    shown(letter.timestamp()),
                    letter.position(),
                    shown(letter.cause()),
                    letter.message()));
    if (count[0] > newest.size()) {
      out.printf("... and %,d older%n", count[0] - newest.size());
    } else if (count[0] == 0) {
      out.println("No dead letters in " + pipeline.deadLetters().place() + ".");
    }
  }

  /** What is known of the dead letters with one cause. */
  private record Group(long count, Instant first, DeadLetter last) {

    static Group of(DeadLetter letter) {
      return new Group(1, letter.timestamp(), letter);
    }

    Group and(Group other) {
      return new Group(
          count + other.count,
          first.isBefore(other.first) ? first : other.first,
          NEWEST_FIRST.compare(last, other.last) <= 0 ? last : other.last);
    }
  }

  private void groups(PipelineDefinition pipeline, PrintWriter out) {
    Map<Cause, Group> groups = new HashMap<>();
    DeadLetters.forEach(
        pipeline,
        letter -> {
          if (letter.isOf(code, column)) {
            groups.merge(letter.cause(), Group.of(letter.withoutContents()), Group::and);
          }
        });
    if (groups.isEmpty()) {
      out.println("No dead letters in " + pipeline.deadLetters().place() + ".");
      return;
    }
    long all = groups.values().stream().mapToLong(Group::count).sum();
    out.printf("%,d in %s%n", all, pipeline.deadLetters().place());
    groups.entrySet().stream()
        .sorted(
            Comparator.comparing((Map.Entry<Cause, Group> each) -> -each.getValue().count())
                .thenComparing(each -> shown(each.getKey())))
        .forEach(each -> print(each.getKey(), each.getValue(), out));
  }

  private static void print(Cause cause, Group group, PrintWriter out) {
    out.println();
    out.printf(
        "%s: %,d, first %s, last %s%n",
        shown(cause), group.count(), shown(group.first()), shown(group.last().timestamp()));
    out.printf("  %s: %s%n", group.last().position(), group.last().message());
  }

  private static String shown(Cause cause) {
    return cause.column() == null ? cause.code() : cause.code() + " in " + cause.column();
  }

  private static String shown(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
