package dev.millrace.pipeline.command;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.PostgresDefinition;
import dev.millrace.error.PostgresErrors;
import dev.millrace.error.QueryErrors;
import dev.millrace.error.SinkErrors;
import dev.millrace.error.UserException;
import dev.millrace.pipeline.SinkConnectors;
import dev.millrace.pipeline.SparkSessions;
import dev.millrace.pipeline.ViewComparison;
import dev.millrace.pipeline.ViewOutputs.ViewOutput;
import dev.millrace.pipeline.postgres.PostgresView;
import dev.millrace.sink.SinkReader;
import dev.millrace.sink.SinkReader.Held;
import dev.millrace.sink.console.TextTable;
import dev.millrace.source.PostgresQuery;
import dev.millrace.view.plan.LookupRows;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Compares the current result of each view with what Postgres makes of the same SQL, and with what
 * the view's sink holds, by key and value. Reads the checkpoint, the database and the sinks, and
 * writes to none of them. Driver only.
 */
public final class ViewVerification {

  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** For a batch that some sink has to be committed by the run, if there is one. */
  private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(30);

  private final PipelineDefinition pipeline;
  private final PrintWriter out;
  private final int width;

  /**
   * @param width characters a line of {@code out} has
   */
  public ViewVerification(PipelineDefinition pipeline, PrintWriter out, int width) {
    this.pipeline = pipeline;
    this.out = out;
    this.width = width;
  }

  /**
   * Prints the results of each view, and whether they are equal.
   *
   * @param wait for how long to try again while they differ: changes may be on their way
   * @param maxRows the most rows of a result that are printed
   * @throws UserException where a view differs in the end
   */
  public void run(Duration wait, int maxRows) throws InterruptedException {
    PostgresDefinition postgres = postgres();
    PostgresView table = PostgresView.of(pipeline);
    Instant end = Instant.now().plus(wait);
    try (SparkSession session =
        SparkSessions.open("millrace verify " + pipeline.name(), pipeline.sparkConf())) {
      while (true) {
        Optional<List<Verified>> found = verified(session, postgres, table, end);
        if (found.isPresent()) {
          boolean areEqual = found.get().stream().allMatch(Verified::isEqual);
          if (areEqual || Instant.now().isAfter(end)) {
            found.get().forEach(each -> report(each, maxRows));
            requireEqual(found.get(), postgres);
            return;
          }
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
      }
    }
  }

  /**
   * A view, compared.
   *
   * @param inSink empty where its sink can't be read back, or has got nothing yet
   */
  private record Verified(
      ViewOutput view, ViewComparison inPostgres, Optional<ViewComparison> inSink) {

    boolean isEqual() {
      return inPostgres.areEqual() && inSink.map(ViewComparison::areEqual).orElse(true);
    }
  }

  private static void requireEqual(List<Verified> views, PostgresDefinition postgres) {
    List<String> differentInSinks =
        views.stream()
            .filter(each -> !each.inSink().map(ViewComparison::areEqual).orElse(true))
            .map(each -> each.view().output().name())
            .toList();
    List<String> different =
        views.stream()
            .filter(each -> !each.inPostgres().areEqual())
            .map(each -> each.view().output().name())
            .toList();
    if (!different.isEmpty()) {
      throw PostgresErrors.different(different, postgres.url());
    }
    if (!differentInSinks.isEmpty()) {
      throw SinkErrors.differentFromView(differentInSinks);
    }
  }

  private PostgresDefinition postgres() {
    return Optional.of(pipeline.source())
        .filter(KafkaSourceDefinition.class::isInstance)
        .flatMap(source -> ((KafkaSourceDefinition) source).postgres())
        .orElseThrow(() -> PostgresErrors.noDatabase(pipeline.name()));
  }

  /** Empty where the state or a sink can't be read and there is time to try again. */
  private Optional<List<Verified>> verified(
      SparkSession session, PostgresDefinition postgres, PostgresView table, Instant end)
      throws InterruptedException {
    try {
      CurrentViews current = CurrentViews.open(session, pipeline);
      Map<String, ViewComparison.Result> kept = new LinkedHashMap<>();
      Map<String, ViewComparison> inSinks = new LinkedHashMap<>();
      for (ViewOutput view : current.views().all()) {
        String name = view.output().name();
        Dataset<Row> rows = current.rows(name);
        kept.put(name, ViewComparison.Result.of(rows.collectAsList()));
        Optional<SinkReader> reader = reader(session, current, view);
        if (reader.isPresent()) {
          Optional<Held> held = reader.get().read(session, view.plan().result());
          boolean isAhead = held.isEmpty() || held.get().batch().orElse(0) > current.batchId();
          if (isAhead && Instant.now().isAfter(end.plus(COMMIT_TIMEOUT))) {
            throw SinkErrors.aheadOfCheckpoint(
                name, view.output().sink().place(), current.batchId());
          }
          if (isAhead) {
            // The next batch is delivered and not committed yet: there will be a newer state.
            return Optional.empty();
          }
          inSinks.put(
              name,
              ViewComparison.of(
                  view.plan(),
                  current.batchId(),
                  ViewComparison.Result.of(reader.get().stored(rows).collectAsList()),
                  ViewComparison.Result.of(held.get().rows().collectAsList()),
                  0));
        }
      }
      List<Verified> verified = new ArrayList<>();
      Map<String, List<List<Object>>> rows = inPostgres(current, postgres, table);
      for (ViewOutput view : current.views().all()) {
        String name = view.output().name();
        verified.add(
            new Verified(
                view,
                ViewComparison.of(
                    view.plan(),
                    current.batchId(),
                    kept.get(name),
                    ViewComparison.Result.of(rows.get(name), view.plan().result()),
                    ViewComparison.ERROR_OF_SUMS),
                Optional.ofNullable(inSinks.get(name))));
      }
      return Optional.of(verified);
    } catch (RuntimeException e) {
      boolean isForGood =
          e instanceof UserException known && known.exitCode() == UserException.WRONG_INPUT;
      if (isForGood || Instant.now().isAfter(end)) {
        throw QueryErrors.failed("pipeline " + pipeline.name(), e);
      }
      return Optional.empty();
    }
  }

  private Optional<SinkReader> reader(SparkSession session, CurrentViews current, ViewOutput view) {
    OutputDefinition output = view.output();
    boolean tellsRowsApart =
        view.plan().isKeyed() || output.mode() == OutputDefinition.Mode.COMPLETE;
    return tellsRowsApart && current.wasDelivered(output)
        ? SinkConnectors.STANDARD
            .of(output.sink())
            .reader(pipeline.name(), output, session.sparkContext().hadoopConfiguration())
        : Optional.empty();
  }

  /** What Postgres makes of the SQL of all views at one moment. */
  private static Map<String, List<List<Object>>> inPostgres(
      CurrentViews current, PostgresDefinition postgres, PostgresView table) {
    Map<String, List<List<Object>>> results = new LinkedHashMap<>();
    String running = "";
    OptionalLong micros = current.micros();
    try (PostgresQuery query = PostgresQuery.open(postgres)) {
      for (ViewOutput view : current.views().all()) {
        running = view.output().name();
        results.put(
            running,
            query.rows(
                table.over(
                    view.output().sql().orElseThrow(),
                    joined(view, current),
                    view.plan().isTimed() ? micros : OptionalLong.empty())));
      }
      return results;
    } catch (SQLException e) {
      throw PostgresErrors.queryFailed(running, postgres.url(), e);
    }
  }

  private static Map<String, LookupRows> joined(ViewOutput view, CurrentViews current) {
    Map<String, LookupRows> joined = new TreeMap<>(current.lookups());
    joined.keySet().retainAll(view.plan().lookups().keySet());
    return joined;
  }

  private void report(Verified verified, int maxRows) {
    ViewComparison view = verified.inPostgres();
    out.printf(
        "%s, as of batch %d: %,d rows; Postgres: %,d rows; %s%n",
        view.view(),
        view.batchId(),
        view.kept().rows().size(),
        view.other().rows().size(),
        outcome(view));
    if (view.areEqual()) {
      print(view.columns(), view.kept().rows(), maxRows, "Millrace:");
      print(view.columns(), view.other().rows(), maxRows, "Postgres:");
    } else {
      printDifferences(view, maxRows, "Postgres has:");
    }
    verified
        .inSink()
        .ifPresent(
            held -> {
              out.printf(
                  "%s: %,d rows; %s%n",
                  verified.view().output().sink().place(),
                  held.other().rows().size(),
                  outcome(held));
              printDifferences(held, maxRows, "The sink has:");
            });
    out.println();
    out.flush();
  }

  private static String outcome(ViewComparison compared) {
    return compared.areEqual()
        ? "equal"
        : String.format("%,d differ", compared.differences().size());
  }

  private void printDifferences(ViewComparison compared, int maxRows, String other) {
    print(
        compared.columns(),
        compared.differences().stream().flatMap(each -> each.kept().stream()).toList(),
        maxRows,
        "Millrace has:");
    print(
        compared.columns(),
        compared.differences().stream().flatMap(each -> each.other().stream()).toList(),
        maxRows,
        other);
  }

  private void print(List<String> columns, List<List<Object>> rows, int maxRows, String heading) {
    if (rows.isEmpty()) {
      return;
    }
    out.println(heading);
    out.print(
        TextTable.render(
            columns,
            rows.stream()
                .limit(maxRows)
                .map(
                    row ->
                        row.stream()
                            .map(value -> value == null ? null : ViewComparison.text(value))
                            .collect(Collectors.toList())
                            .toArray(String[]::new))
                .toList(),
            width));
    if (rows.size() > maxRows) {
      out.printf("... and %,d more rows%n", rows.size() - maxRows);
    }
  }
}
