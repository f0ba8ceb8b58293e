package dev.millrace.event;

/** A message that was read to learn what a topic's messages are like. */
public final class SampledMessage {

  private final byte[] key;
  private final byte[] value;

  /**
   * Takes the bytes as they are; nobody may change them.
   *
   * @param key may be null
   * @param value null for a tombstone
   */
  public SampledMessage(byte[] key, byte[] value) {
    this.key = key;
    this.value = value;
  }

  /** May be null. */
  public byte[] key() {
    return key;
  }

  /** Null for a tombstone. */
  public byte[] value() {
    return value;
  }
}
