package dev.millrace.simulator.command;

import dev.millrace.simulator.Pace;
import dev.millrace.simulator.SimulationSettings;
import dev.millrace.simulator.error.SimulatorErrors;
import dev.millrace.simulator.error.SimulatorException;
import dev.millrace.simulator.event.Event;
import dev.millrace.simulator.event.EventListener;
import dev.millrace.simulator.event.EventProgress;
import dev.millrace.simulator.event.EventSimulation;
import dev.millrace.simulator.event.EventSink;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * What the commands have in common that send events. Progress and errors go to stderr, the summary
 * to stdout.
 */
abstract class EventCommand implements Callable<Integer> {

  @Mixin private CommonOptions common;

  @Spec private CommandSpec spec;

  /** What is wrong with the values of the command's own flags. */
  abstract Stream<Optional<String>> problems();

  /** The events to send, {@link #count()} of them. */
  abstract Iterator<Event> events();

  /** Where they go; opened once. */
  abstract EventSink openSink();

  abstract Pace pace();

  /** How many events there are, or {@link SimulationSettings#ENDLESS}. */
  abstract long count();

  /** What the events are called, in the plural. */
  abstract String things();

  /** The sink in words, behind "to". */
  abstract String destination();

  final long seed() {
    return common.seed();
  }

  /** The number that a flag gives, where 0 means without end. */
  static long countOrEndless(long count) {
    return count == 0 ? SimulationSettings.ENDLESS : count;
  }

  /** The exit code: 0, 1 or 2. */
  @Override
  public final Integer call() {
    try {
      List<String> problems =
          Stream.concat(misplacedFlags(), problems().flatMap(Optional::stream)).toList();
      if (!problems.isEmpty()) {
        throw SimulatorErrors.invalidOptions(problems);
      }
      Iterator<Event> events = events();
      try (EventSink sink = openSink()) {
        return send(events, sink);
      }
    } catch (SimulatorException failure) {
      return common.report(failure);
    }
  }

  private Stream<String> misplacedFlags() {
    return spec.commandLine().getParent().getParseResult().matchedOptions().stream()
        .map(option -> SimulatorErrors.misplaced(option.longestName(), spec.name()));
  }

  private int send(Iterator<Event> events, EventSink sink) {
    PrintWriter err = spec.commandLine().getErr();
    ProgressLine line = new ProgressLine(err, ProgressLine.Medium.ofThisProcess());
    EventListener listener =
        progress ->
            line.update(progress.elapsed(), progress.sent() == count(), () -> text(progress));
    EventSimulation simulation =
        new EventSimulation(
            events, sink, pace(), common.isQuiet() ? EventListener.SILENT : listener);
    return common.run(() -> summary(simulation.run()), simulation::stop, line::finish);
  }

  private String text(EventProgress progress) {
    String total =
        count() == SimulationSettings.ENDLESS ? "" : String.format(Locale.ROOT, "/%,d", count());
    return String.format(
        Locale.ROOT,
        "%,d%s %s  %,.1f/s  %s",
        progress.sent(),
        total,
        things(),
        progress.perSecond(),
        ProgressLine.clock(progress.elapsed()));
  }

  private String summary(EventProgress progress) {
    return String.format(
        Locale.ROOT,
        "%,d %s to %s in %.1f s: %,.1f/s",
        progress.sent(),
        things(),
        destination(),
        progress.elapsed().toMillis() / 1000.0,
        progress.perSecond());
  }
}
