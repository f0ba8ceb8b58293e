package dev.millrace.pipeline;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.PostgresDefinition;
import dev.millrace.error.PostgresErrors;
import dev.millrace.error.QueryErrors;
import dev.millrace.error.UserException;
import dev.millrace.pipeline.ViewOutputs.ViewOutput;
import dev.millrace.sink.console.TextTable;
import dev.millrace.source.PostgresQuery;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;

/**
 * Compares the current result of each view with what Postgres makes of the same SQL, by key and
 * value. Reads the checkpoint and the database, and writes to neither. Driver only.
 */
public final class ViewVerification {

  private static final Duration PAUSE = Duration.ofSeconds(1);

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
   * Prints both results of each view, and whether they are equal.
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
        Optional<List<ViewComparison>> compared = compared(session, postgres, table, end);
        if (compared.isPresent()) {
          boolean areEqual = compared.get().stream().allMatch(ViewComparison::areEqual);
          if (areEqual || Instant.now().isAfter(end)) {
            report(compared.get(), maxRows);
            if (!areEqual) {
              throw PostgresErrors.different(
                  compared.get().stream()
                      .filter(each -> !each.areEqual())
                      .map(ViewComparison::view)
                      .toList(),
                  postgres.url());
            }
            return;
          }
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
      }
    }
  }

  private PostgresDefinition postgres() {
    return Optional.of(pipeline.source())
        .filter(KafkaSourceDefinition.class::isInstance)
        .flatMap(source -> ((KafkaSourceDefinition) source).postgres())
        .orElseThrow(() -> PostgresErrors.noDatabase(pipeline.name()));
  }

  /** Empty where the state can't be read and there is time to try again. */
  private Optional<List<ViewComparison>> compared(
      SparkSession session, PostgresDefinition postgres, PostgresView table, Instant end) {
    try {
      CurrentViews current = CurrentViews.open(session, pipeline);
      Map<String, ViewComparison.Result> kept = new LinkedHashMap<>();
      for (ViewOutput view : current.views().all()) {
        kept.put(
            view.output().name(),
            ViewComparison.Result.of(current.rows(view.output().name()).collectAsList()));
      }
      List<ViewComparison> compared = new ArrayList<>();
      Map<String, List<List<Object>>> rows = inPostgres(current, postgres, table);
      for (ViewOutput view : current.views().all()) {
        compared.add(
            ViewComparison.of(
                view.plan(),
                current.batchId(),
                kept.get(view.output().name()),
                ViewComparison.Result.of(rows.get(view.output().name()), view.plan().result())));
      }
      return Optional.of(compared);
    } catch (RuntimeException e) {
      boolean isForGood =
          e instanceof UserException known && known.exitCode() == UserException.WRONG_INPUT;
      if (isForGood || Instant.now().isAfter(end)) {
        throw QueryErrors.failed("pipeline " + pipeline.name(), e);
      }
      return Optional.empty();
    }
  }

  /** What Postgres makes of the SQL of all views at one moment. */
  private static Map<String, List<List<Object>>> inPostgres(
      CurrentViews current, PostgresDefinition postgres, PostgresView table) {
    Map<String, List<List<Object>>> results = new LinkedHashMap<>();
    String running = "";
    try (PostgresQuery query = PostgresQuery.open(postgres)) {
      for (ViewOutput view : current.views().all()) {
        running = view.output().name();
        results.put(running, query.rows(table.over(view.output().sql().orElseThrow())));
      }
      return results;
    } catch (SQLException e) {
      throw PostgresErrors.queryFailed(running, postgres.url(), e);
    }
  }

  private void report(List<ViewComparison> compared, int maxRows) {
    for (ViewComparison view : compared) {
      out.printf(
          "%s, as of batch %d: %,d rows; Postgres: %,d rows; %s%n",
          view.view(),
          view.batchId(),
          view.kept().rows().size(),
          view.postgres().rows().size(),
          view.areEqual() ? "equal" : String.format("%,d differ", view.differences().size()));
      if (view.areEqual()) {
        print(view.columns(), view.kept().rows(), maxRows, "Millrace:");
        print(view.columns(), view.postgres().rows(), maxRows, "Postgres:");
      } else {
        print(
            view.columns(),
            view.differences().stream().flatMap(each -> each.kept().stream()).toList(),
            maxRows,
            "Millrace has:");
        print(
            view.columns(),
            view.differences().stream().flatMap(each -> each.postgres().stream()).toList(),
            maxRows,
            "Postgres has:");
      }
      out.println();
    }
    out.flush();
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
