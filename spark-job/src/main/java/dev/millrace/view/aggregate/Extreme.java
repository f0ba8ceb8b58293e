package dev.millrace.view.aggregate;

/** {@code min} and {@code max}: the value that comes first. */
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
    return first == null ? null : order.read(first).get(0, order.types().get(0));
  }
}
