package dev.millrace.view.aggregate;

/** All rows of a group. */
final class Rows extends Values {

  Rows(ValueOrder order, int max) {
    super(order, max, 1);
  }

  @Override
  void changed(byte[] value, int sign) {
    // They are read row by row.
  }

  @Override
  Object result() {
    return null;
  }
}
