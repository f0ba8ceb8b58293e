package dev.millrace.sink.kafka;

/**
 * How far a unit of delivery has come; written in the transaction that it describes.
 *
 * @param batchId the batch of the transaction
 * @param end the unit's end: what lies before or at it is delivered
 */
record DeliveryMark(long batchId, long end) {

  /** Whether a unit of this batch is delivered: batches are delivered in order. */
  boolean covers(long batch) {
    return batchId >= batch;
  }

  /**
   * Whether this mark is of another source: an earlier batch came further than this one is to come.
   *
   * @param unitEnd how far the unit is to come with the batch
   */
  boolean contradicts(long batch, long unitEnd) {
    return batchId < batch && end > unitEnd;
  }

  /** {@code BATCH END}, separated by a space. */
  String toText() {
    return batchId + " " + end;
  }

  static DeliveryMark parse(String text) {
    String[] parts = text.split(" ", -1);
    return new DeliveryMark(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
  }
}
