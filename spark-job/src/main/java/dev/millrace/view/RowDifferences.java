package dev.millrace.view;

import dev.millrace.view.table.Expressions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/** How often rows come and go in the end, of many changes that may cancel one another. */
final class RowDifferences {

  private final Map<ByteBuffer, Long> counts = new LinkedHashMap<>();
  private int fields;

  /** Adds a row, which must not change; or takes it away where {@code count} is below 0. */
  void add(UnsafeRow row, long count) {
    fields = row.numFields();
    counts.merge(
        ByteBuffer.wrap(row.getBytes()), count, (a, b) -> a + b == 0 ? null : (Long) (a + b));
  }

  void addAll(List<UnsafeRow> rows, long count) {
    rows.forEach(row -> add(row, count));
  }

  /** The rows that are gone, each as often as that. */
  List<UnsafeRow> gone() {
    return rows(-1);
  }

  /** The rows that have come, each as often as that. */
  List<UnsafeRow> come() {
    return rows(1);
  }

  private List<UnsafeRow> rows(int sign) {
    List<UnsafeRow> rows = new ArrayList<>();
    counts.forEach(
        (bytes, count) -> {
          for (long left = count * sign; left > 0; left--) {
            rows.add(Expressions.row(Expressions.bytes(bytes), fields));
          }
        });
    return rows;
  }
}
