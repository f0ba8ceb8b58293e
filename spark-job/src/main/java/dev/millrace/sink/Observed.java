package dev.millrace.sink;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.plans.logical.CollectMetrics;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.util.QueryExecutionListener;
import scala.Option;

/**
 * The metrics that {@code Dataset.observe} gives, under one name, for the next action of a session
 * on such a dataset. Driver only.
 *
 * <p>Spark's own {@code Observation} waits for ever where the optimizer has removed what observes
 * (of {@code WHERE 1 = 0}, say, nothing is left) and where Spark has dropped the event.
 */
public final class Observed implements QueryExecutionListener, AutoCloseable {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

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
      return metrics.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return Optional.empty();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void onSuccess(String action, QueryExecution execution, long nanoseconds) {
    // The event of an action before this one may be late: of one that nothing observed, or of
    // naming a relation, which is an execution for Spark.
    if (!observes(execution)) {
      return;
    }
    Option<Row> found = execution.observedMetrics().get(name);
    metrics.complete(found.isDefined() ? Optional.of(found.get()) : Optional.empty());
  }

  @Override
  public void onFailure(String action, QueryExecution execution, Exception failure) {
    if (observes(execution)) {
      metrics.complete(Optional.empty());
    }
  }

  private boolean observes(QueryExecution execution) {
    return execution
        .analyzed()
        .find(node -> node instanceof CollectMetrics collecting && collecting.name().equals(name))
        .isDefined();
  }

  @Override
  public void close() {
    session.listenerManager().unregister(this);
  }
}
