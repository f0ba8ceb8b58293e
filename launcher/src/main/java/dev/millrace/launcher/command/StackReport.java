package dev.millrace.launcher.command;

import dev.millrace.launcher.result.TextTable;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.StackConnections;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.StackProcess;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What the commands say about a stack. */
final class StackReport {

  private StackReport() {}

  /**
   * How the processes are.
   *
   * @param isGood whether every one answers
   */
  record Health(String table, boolean isGood) {}

  static Health health(LocalStack stack) {
    List<List<String>> rows = new ArrayList<>();
    boolean isGood = true;
    for (Component component : stack.components()) {
      StackProcess process = stack.process(component);
      boolean answers = process != null && process.isAlive() && stack.answers(component);
      isGood &= answers;
      rows.add(
          List.of(
              component.title(),
              process == null ? "-" : Long.toString(process.identity().pid()),
              Integer.toString(stack.connections().port(component)),
              process == null ? "-" : uptime(process),
              answers ? "answers" : process != null && process.isAlive() ? "no answer" : "dead",
              stack.log(component).toString()));
    }
    return new Health(
        TextTable.of(List.of("process", "pid", "port", "up for", "health", "log"), rows), isGood);
  }

  static String howToReach(LocalStack stack) {
    StackConnections at = stack.connections();
    String secret =
        System.getenv("POSTGRES_PASSWORD") == null ? at.postgresPassword() : "$POSTGRES_PASSWORD";
    return """

        Postgres       %1$s  (user %2$s, password %3$s)
                       ./millrace sql "SELECT count(*) FROM business_ncr_ride_bookings"
        Kafka          %4$s
                       ./millrace kafka topics --list
        Kafka Connect  %5$s
        %7$sLogs           %6$s

        Register the connector:
          curl -X POST -H 'Content-Type: application/json' --data @connect-config/ride-bookings.json %5$s/connectors
        Stop:
          ./millrace stack down
        """
        .formatted(
            at.jdbcUrl(),
            at.postgresUser(),
            secret,
            at.bootstrapServers(),
            at.connectUrl(),
            stack.log(Component.KAFKA).getParent(),
            stack.components().contains(Component.CASSANDRA) ? cassandra(at) : "");
  }

  private static String cassandra(StackConnections at) {
    return """
        Cassandra      %s  (datacenter datacenter1)
                       ./millrace cql "SELECT release_version FROM system.local"
        """
        .formatted(at.cassandra());
  }

  private static String uptime(StackProcess process) {
    return process
        .identity()
        .handle()
        .flatMap(handle -> handle.info().startInstant())
        .map(start -> inWords(Duration.between(start, Instant.now())))
        .orElse("-");
  }

  static String inWords(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return "%d min %d s".formatted(seconds / 60, seconds % 60);
    }
    return "%d h %d min".formatted(seconds / 3600, seconds / 60 % 60);
  }
}
