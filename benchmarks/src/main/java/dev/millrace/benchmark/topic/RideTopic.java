package dev.millrace.benchmark.topic;

/**
 * A topic that is filled.
 *
 * @param copies see {@link RideMessages#RideMessages}
 * @param valueBytes of all messages together, before compression; keys and headers not counted
 */
public record RideTopic(String name, long messages, int partitions, int copies, long valueBytes) {

  public double bytesPerMessage() {
    return (double) valueBytes / messages;
  }
}
