package dev.millrace.view.aggregate;

import java.util.Iterator;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.SpecificInternalRow;
import org.apache.spark.sql.catalyst.expressions.aggregate.ImperativeAggregate;

/**
 * {@code percentile}, {@code collect_list} and others that need every value: Spark's own aggregate
 * is given the values of the group, the smallest first, each as often as the group has it.
 */
final class Collected extends Values {

  private final ImperativeAggregate function;

  Collected(Aggregate aggregate) {
    super(aggregate.values(), aggregate.maxKept(), 1);
    this.function =
        ((ImperativeAggregate) aggregate.evaluate())
            .withNewMutableAggBufferOffset(0)
            .withNewInputAggBufferOffset(0);
  }

  @Override
  void changed(byte[] value, int sign) {
    // The result is computed from all values.
  }

  @Override
  Object result() {
    InternalRow buffer = new SpecificInternalRow(function.aggBufferSchema());
    function.initialize(buffer);
    for (Iterator<Map.Entry<byte[], Long>> all = all(); all.hasNext(); ) {
      Map.Entry<byte[], Long> value = all.next();
      InternalRow row = order.read(value.getKey());
      for (long count = value.getValue(); count > 0; count--) {
        function.update(buffer, row);
      }
    }
    return function.eval(buffer);
  }
}
