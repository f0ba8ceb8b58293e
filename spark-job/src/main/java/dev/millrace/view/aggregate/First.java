package dev.millrace.view.aggregate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.util.GenericArrayData;

/** {@code ORDER BY ... LIMIT}: the rows that come first. */
final class First extends Values {

  private final int limit;

  /**
   * @param max how many rows the record has at most, if the limit allows it
   */
  First(ValueOrder order, int max, int limit) {
    super(order, Math.max(max, 2 * limit), limit);
    this.limit = limit;
  }

  @Override
  void changed(byte[] value, int sign) {
    // The result follows from the first rows alone.
  }

  @Override
  Object result() {
    List<Object> rows = new ArrayList<>();
    for (Map.Entry<byte[], Long> each : smallest().entrySet()) {
      for (long count = each.getValue(); count > 0 && rows.size() < limit; count--) {
        rows.add(order.read(each.getKey()));
      }
    }
    return new GenericArrayData(rows.toArray());
  }
}
