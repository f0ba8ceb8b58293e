package dev.millrace.simulator;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/**
 * Shows a simulation's progress: on a terminal one line that is drawn anew, elsewhere a plain line
 * every few seconds.
 */
final class ProgressReport implements SimulationListener {

  private static final int BAR_WIDTH = 10;

  private final PrintWriter out;
  private final long rides;
  private final Medium medium;
  private Duration nextReport = Duration.ZERO;
  private int charactersDrawn;

  /** Where the report is read. */
  enum Medium {
    TERMINAL(Duration.ofMillis(100)),
    LOG(Duration.ofSeconds(5));

    private final Duration interval;

    Medium(Duration interval) {
      this.interval = interval;
    }
  }

  ProgressReport(PrintWriter out, long rides, Medium medium) {
    this.out = out;
    this.rides = rides;
    this.medium = medium;
  }

  @Override
  public void committed(SimulationProgress progress) {
    boolean isComplete = progress.ridesEnded() == rides;
    if (progress.elapsed().compareTo(nextReport) < 0 && !isComplete) {
      return;
    }
    nextReport = progress.elapsed().plus(medium.interval);
    show(line(progress, rides));
  }

  /** Leaves the line that was drawn last as it is, and begins a new one. */
  void finish() {
    if (charactersDrawn > 0) {
      out.println();
      out.flush();
      charactersDrawn = 0;
    }
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

  /**
   * One line, of at most 80 characters up to millions of rides.
   *
   * <pre>
   * [###-------]  36 %  36,120/100,000 rides  9,871 changes/s  ETA 0:27
   * 36,120 rides  200 changes/s  12:37
   * </pre>
   *
   * The second is that of an endless simulation, with the time since its beginning.
   */
  static String line(SimulationProgress progress, long rides) {
    long ended = progress.ridesEnded();
    if (rides == SimulationSettings.ENDLESS) {
      return String.format(
          Locale.ROOT,
          "%,d rides  %,.0f changes/s  %s",
          ended,
          progress.changesPerSecond(),
          clock(progress.elapsed()));
    }
    int filled = (int) (BAR_WIDTH * ended / rides);
    String bar = "#".repeat(filled) + "-".repeat(BAR_WIDTH - filled);
    return String.format(
        Locale.ROOT,
        "[%s] %3d %%  %,d/%,d rides  %,.0f changes/s  ETA %s",
        bar,
        100 * ended / rides,
        ended,
        rides,
        progress.changesPerSecond(),
        ended == 0 ? "?" : clock(timeLeft(progress, rides)));
  }

  /** The summary at the end of a run. */
  static String summary(SimulationProgress progress) {
    return String.format(
        Locale.ROOT,
        "%,d inserted, %,d updated, %,d deleted in %.1f s: %,.0f changes/s",
        progress.inserted(),
        progress.updated(),
        progress.deleted(),
        progress.elapsed().toMillis() / 1000.0,
        progress.changesPerSecond());
  }

  private static Duration timeLeft(SimulationProgress progress, long rides) {
    double share = (double) (rides - progress.ridesEnded()) / progress.ridesEnded();
    return Duration.ofMillis(Math.round(progress.elapsed().toMillis() * share));
  }

  private static String clock(Duration duration) {
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
