package dev.millrace.simulator.command;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * A line that tells how far a run has come: on a terminal one that is redrawn, elsewhere another
 * every few seconds.
 */
final class ProgressLine {

  private final PrintWriter out;
  private final Medium medium;
  private Duration next = Duration.ZERO;
  private int charactersDrawn;

  /** Where the line is read. */
  enum Medium {
    TERMINAL(Duration.ofMillis(100)),
    LOG(Duration.ofSeconds(5));

    private final Duration interval;

    Medium(Duration interval) {
      this.interval = interval;
    }

    @SuppressWarnings("SystemConsoleNull") // it is null on the JDK 17 that the build requires
    static Medium ofThisProcess() {
      return System.console() == null ? LOG : TERMINAL;
    }
  }

  ProgressLine(PrintWriter out, Medium medium) {
    this.out = out;
    this.medium = medium;
  }

  /** Shows the line if it is time for another one, or if it is the last. */
  void update(Duration elapsed, boolean isLast, Supplier<String> line) {
    if (elapsed.compareTo(next) < 0 && !isLast) {
      return;
    }
    next = elapsed.plus(medium.interval);
    show(line.get());
  }

  private void show(String line) {
    if (medium == Medium.LOG) {
      out.println(line);
    } else {
      out.print('\r' + line + " ".repeat(Math.max(0, charactersDrawn - line.length())));
      charactersDrawn = line.length();
    }
    out.flush();
  }

  /** Leaves the line that was drawn last as it is, and begins a new one. */
  void finish() {
    if (charactersDrawn > 0) {
      out.println();
      out.flush();
      charactersDrawn = 0;
    }
  }

  /** Minutes and seconds, and hours where there are some. */
  static String clock(Duration duration) {
    return duration.toHours() == 0
        ? String.format(Locale.ROOT, "%d:%02d", duration.toMinutes(), duration.toSecondsPart())
        : String.format(
            Locale.ROOT,
            "%d:%02d:%02d",
            duration.toHours(),
            duration.toMinutesPart(),
            duration.toSecondsPart());
  }
}
