package dev.millrace.view.aggregate;

/** {@code min} and {@code max}: the value that comes first. */
final class Extreme extends Values {

  Extreme(ValueOrder order, int max) {
    super(order, max, 1);
  }

  @Override
  void changed(byte[] value, int sign) {
    // The result follows from the smallest value alone.
  }

  @Override
  Object result() {
    return smallest().isEmpty()
        ? null
        : order.read(smallest().firstKey()).get(0, order.types().get(0));
  }
}
