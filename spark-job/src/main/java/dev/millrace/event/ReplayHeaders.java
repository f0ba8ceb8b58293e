package dev.millrace.event;

/** The headers by which a replayed message names the dead letter that it replaces. */
public final class ReplayHeaders {

  /** What the name of each of them begins with. */
  public static final String PREFIX = "millrace.replay.";

  /** The topic of the dead letter, text. */
  public static final String TOPIC = PREFIX + "topic";

  /** The partition of the dead letter, a number as text. */
  public static final String PARTITION = PREFIX + "partition";

  /** The offset of the dead letter, a number as text. */
  public static final String OFFSET = PREFIX + "offset";

  /** When the dead letter was written to Kafka, ISO 8601. */
  public static final String TIMESTAMP = PREFIX + "timestamp";

  private ReplayHeaders() {}
}
