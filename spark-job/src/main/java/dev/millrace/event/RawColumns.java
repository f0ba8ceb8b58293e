package dev.millrace.event;

/** The columns of a message as the source delivers it, before it is decoded. */
public final class RawColumns {

  /** The message's key, binary; null where it has none. */
  public static final String KEY = "key";

  /** The message's value, binary; null for a tombstone. */
  public static final String VALUE = "value";

  /** The message's headers, an array of structs of key and binary value; null where it has none. */
  public static final String HEADERS = "headers";

  /** When the message was written to Kafka. */
  public static final String TIMESTAMP = "timestamp";

  private RawColumns() {}
}
