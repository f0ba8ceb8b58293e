package dev.millrace.launcher.command;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import dev.millrace.launcher.result.SongsReport;
import dev.millrace.stack.error.StackErrors;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./millrace report}. */
@Command(
    name = "report",
    subcommands = ReportCommand.Songs.class,
    description = "Show what a pipeline has stored.")
final class ReportCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing report: songs.");
  }

  /** {@code ./millrace report songs}. */
  @Command(
      name = "songs",
      description = {
        "What a person listened to in an hour, how danceable that was on average, and 50 records of"
            + " all people, from spotify.records.",
        "CASSANDRA_HOST selects the Cassandra, as for ./millrace cql; else the running"
            + " stack's is meant."
      })
  static final class Songs implements Callable<Integer> {

    private static final int RECORDS = 50;

    @Spec private CommandSpec spec;
    @Mixin private DataFolder dataFolder;

    @Option(names = "--name", defaultValue = "Guest", description = "Default: ${DEFAULT-VALUE}.")
    private String name;

    @Option(
        names = "--from",
        paramLabel = "TIME",
        description =
            "When the hour begins, such as 2026-01-31T17:00:00Z. Default: an hour before now.")
    private Instant from;

    @Override
    public Integer call() {
      SongsReport report =
          from == null ? SongsReport.hourUpTo(Instant.now(), name) : new SongsReport(name, from);
      try (CqlSession session = CqlCommand.connect(dataFolder)) {
        spec.commandLine().getOut().println(report.over(session, RECORDS));
        spec.commandLine().getOut().flush();
        return 0;
      } catch (DriverException e) {
        throw StackErrors.cqlRefused(e);
      }
    }
  }
}
