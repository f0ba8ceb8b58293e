package dev.millrace.view.aggregate;

/**
 * {@code min}, {@code max}, {@code min_by} and {@code max_by}: the last column of the row that
 * comes first.
 */
final class Extreme extends Values {

  Extreme(ValueOrder order, int max) {
    super(order, max);
  }

  @Override
  void changed(byte[] value, int sign) {
    // The result follows from the smallest value alone.
  }

  @Override
  Object result() {
    byte[] first = smallest();
    int last = order.types().size() - 1;
    return first == null ? null : order.read(first).get(last, order.types().get(last));
  }
}
