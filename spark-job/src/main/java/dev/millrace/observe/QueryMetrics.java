package dev.millrace.observe;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import dev.millrace.event.DecodeCounts;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.apache.spark.metrics.source.Source;

/**
 * The gauges of one query in Spark's metrics, {@code query.OUTPUT.SINK.}...
 *
 * <pre>
 *   read, changes, rejected, skipped   messages since the run began; read is the sum of the others
 *   repeated                           changes that were left out as repeated, since the run began
 *   unstorable                         rows that the sink can't store, dead letters, since the run began
 *   batch                              number of the last batch that read something; -1 before
 *   batch-milliseconds                 how long it took
 *   lag                                offsets that the partition furthest behind is behind; -1 where
 *                                      that is not known
 * </pre>
 *
 * <p>Written by the thread of the query's events, read by any.
 */
final class QueryMetrics implements Source {

  private final String name;
  private final MetricRegistry registry = new MetricRegistry();
  private volatile State state = new State(new DecodeCounts(0, 0, 0), 0, 0, -1, 0);
  private volatile long lag = -1;

  private record State(
      DecodeCounts counts, long repeated, long unstorable, long batch, long milliseconds) {}

  /** The metrics of a query that has read nothing yet, by the query's name. */
  QueryMetrics(String query) {
    this.name = "query." + query.replace(" -> ", ".");
    gauge("read", () -> state.counts().read());
    gauge("changes", () -> state.counts().changes());
    gauge("rejected", () -> state.counts().rejected());
    gauge("skipped", () -> state.counts().skipped());
    gauge("repeated", () -> state.repeated());
    gauge("unstorable", () -> state.unstorable());
    gauge("batch", () -> state.batch());
    gauge("batch-milliseconds", () -> state.milliseconds());
    gauge("lag", () -> lag);
  }

  private void gauge(String gauge, LongSupplier value) {
    registry.register(gauge, (Gauge<Long>) value::getAsLong);
  }

  /**
   * Adds a batch.
   *
   * @param repeated changes that were left out
   * @param unstorable rows that the sink can't store
   */
  void batch(long id, DecodeCounts counts, long repeated, long unstorable, long milliseconds) {
    State before = state;
    state =
        new State(
            before.counts().plus(counts),
            before.repeated() + repeated,
            before.unstorable() + unstorable,
            id,
            milliseconds);
  }

  void lag(OptionalLong offsets) {
    lag = offsets.orElse(-1);
  }

  @Override
  public String sourceName() {
    return name;
  }

  @Override
  public MetricRegistry metricRegistry() {
    return registry;
  }
}
