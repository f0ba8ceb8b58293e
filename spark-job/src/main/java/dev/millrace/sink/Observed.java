package dev.millrace.sink;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.execution.command.CreateViewCommand;
import org.apache.spark.sql.util.QueryExecutionListener;
import scala.Option;

/**
 * The metrics that {@code Dataset.observe} gives for the next action of a session. Driver only.
 *
 * <p>Spark's own {@code Observation} waits for ever where the optimizer has removed what observes
 * (of {@code WHERE 1 = 0}, say, nothing is left) and where Spark has dropped the event.
 */
public final class Observed implements QueryExecutionListener, AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final SparkSession session;
  private final String name;
  private final CompletableFuture<Optional<Row>> metrics = new CompletableFuture<>();

  private Observed(SparkSession session, String name) {
    this.session = session;
    this.name = name;
  }

  /** Begins to listen; close it after the action. */
  public static Observed by(SparkSession session, String name) {
    Observed observed = new Observed(session, name);
    session.listenerManager().register(observed);
    return observed;
  }

  /** The metrics of the action that has ended; empty where they are not known. */
  public Optional<Row> metrics() throws InterruptedException {
    try {
      return metrics.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void onSuccess(String action, QueryExecution execution, long nanoseconds) {
    // To name a relation is an execution for Spark, and its event may be late.
    if (execution.logical() instanceof CreateViewCommand) {
      return;
    }
    Option<Row> found = execution.observedMetrics().get(name);
    metrics.complete(found.isDefined() ? Optional.of(found.get()) : Optional.empty());
  }

  @Override
  public void onFailure(String action, QueryExecution execution, Exception failure) {
    metrics.complete(Optional.empty());
  }

  @Override
  public void close() {
    session.listenerManager().unregister(this);
  }
}
