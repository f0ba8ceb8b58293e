package dev.millrace.decode;

import dev.millrace.event.DecodeCounts;
import dev.millrace.event.DecodeMetrics;
import java.util.List;
import java.util.TreeSet;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.unsafe.types.UTF8String;
import org.apache.spark.util.AccumulatorV2;

/**
 * Counts messages while an action decodes them: what {@link Decode#counted} gives a stream, without
 * a step of the plan between decoding and the query, for which every row would be copied.
 *
 * <p>Made and read on the driver, added to by tasks. Like observed metrics it counts a message as
 * often as the action decodes it, and nothing of a task that failed.
 */
public final class DecodeTally extends AccumulatorV2<InternalRow, DecodeMetrics> {

  private static final long serialVersionUID = 1L;

  private long changes;
  private long rejected;
  private long skipped;
  private final TreeSet<String> unknown = new TreeSet<>();

  private DecodeTally() {}

  /** A tally for one action. */
  public static DecodeTally in(SparkContext context) {
    DecodeTally tally = new DecodeTally();
    context.register(tally);
    return tally;
  }

  /**
   * @param decoded (outcome, error, row, unknown), as {@link Decode#column} describes it
   */
  @Override
  public void add(InternalRow decoded) {
    UTF8String outcome = decoded.getUTF8String(0);
    if (outcome.equals(Outcome.UTF8_CHANGE)) {
      changes++;
      if (!decoded.isNullAt(3)) {
        ArrayData names = decoded.getArray(3);
        for (int i = 0; i < names.numElements(); i++) {
          unknown.add(names.getUTF8String(i).toString());
        }
      }
    } else if (outcome.equals(Outcome.UTF8_REJECTED)) {
      rejected++;
    } else {
      skipped++;
    }
  }

  @Override
  public void merge(AccumulatorV2<InternalRow, DecodeMetrics> other) {
    DecodeMetrics metrics = other.value();
    changes += metrics.counts().changes();
    rejected += metrics.counts().rejected();
    skipped += metrics.counts().skipped();
    unknown.addAll(metrics.unknownFields());
  }

  @Override
  public DecodeMetrics value() {
    return new DecodeMetrics(new DecodeCounts(changes, rejected, skipped), List.copyOf(unknown));
  }

  @Override
  public boolean isZero() {
    return changes == 0 && rejected == 0 && skipped == 0;
  }

  @Override
  public DecodeTally copy() {
    DecodeTally copy = new DecodeTally();
    copy.merge(this);
    return copy;
  }

  @Override
  public void reset() {
    changes = 0;
    rejected = 0;
    skipped = 0;
    unknown.clear();
  }
}
