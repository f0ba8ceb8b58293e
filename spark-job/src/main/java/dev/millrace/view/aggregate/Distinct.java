package dev.millrace.view.aggregate;

import java.nio.ByteBuffer;

/** An aggregate with DISTINCT: what is added up is each value once. */
final class Distinct extends Values {

  private final Accumulator once;

  /**
   * @param once of the same aggregate without DISTINCT
   */
  Distinct(ValueOrder order, int max, Accumulator once) {
    super(order, max, 1);
    this.once = once;
  }

  @Override
  void changed(byte[] value, int sign) {
    once.add(order.read(value), 0, sign);
  }

  @Override
  void addFrom(ByteBuffer in) {
    super.addFrom(in);
    once.addFrom(in);
  }

  @Override
  void write(ByteBuffer out) {
    super.write(out);
    once.write(out);
  }

  @Override
  int maxBytes() {
    return super.maxBytes() + once.maxBytes();
  }

  @Override
  Object result() {
    return once.result();
  }
}
