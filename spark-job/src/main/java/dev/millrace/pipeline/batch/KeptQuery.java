package dev.millrace.pipeline.batch;

import dev.millrace.sink.KeptPlan;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What one micro-batch of a query leaves to the next: its plan, and what counts the rows that the
 * plan decodes and those that the sink can't store. Driver only; one batch after another.
 */
public final class KeptQuery {

  private final boolean isFixed;
  private KeptPlan plan;
  private KeptPlan decodePlan;
  private DecodedBatch decoded;
  private StorableRows storable;

  /**
   * @param isFixed whether the batches differ in nothing but the rows of the source; otherwise
   *     nothing is kept
   */
  public KeptQuery(boolean isFixed) {
    this.isFixed = isFixed;
  }

  /** Begins a batch. */
  public DecodedBatch decoded(
      Supplier<Dataset<Row>> raw, Function<Dataset<Row>, DecodedBatch> decoder) {
    Optional<DecodedBatch> next = isFixed && decoded != null ? decoded.next(raw) : Optional.empty();
    if (next.isPresent()) {
      decoded = next.get();
      Optional.ofNullable(storable).ifPresent(StorableRows::begin);
    } else {
      plan = new KeptPlan();
      decodePlan = new KeptPlan();
      storable = null;
      decoded = decoder.apply(raw.get());
    }
    return decoded;
  }

  /** The plan of the batch that has begun. */
  public KeptPlan plan() {
    return plan;
  }

  /** What decodes that batch, where that is planned apart from the query. */
  public KeptPlan decodePlan() {
    return decodePlan;
  }

  /** That of the plan; empty while there is none. */
  public Optional<StorableRows> storable() {
    return Optional.ofNullable(storable);
  }

  public StorableRows keep(StorableRows rows) {
    storable = rows;
    return rows;
  }
}
