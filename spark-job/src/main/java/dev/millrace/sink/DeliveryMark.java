package dev.millrace.sink;

/**
 * How far a unit of delivery has come; written in the transaction that it describes.
 *
 * @param batchId the batch of the transaction
 * @param end the unit's end: what lies before or at it is delivered
 */
record DeliveryMark(long batchId, long end) {

  /** {@code BATCH END}, separated by a space. */
  String toText() {
    return batchId + " " + end;
  }

  static DeliveryMark parse(String text) {
    String[] parts = text.split(" ", -1);
    return new DeliveryMark(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
  }
}
