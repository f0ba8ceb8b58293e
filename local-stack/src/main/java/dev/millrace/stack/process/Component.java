package dev.millrace.stack.process;

import java.util.Locale;

/** A process of the stack, in the order in which they start; they stop in the opposite one. */
public enum Component {
  POSTGRES("Postgres"),
  KAFKA("Kafka"),
  CONNECT("Kafka Connect"),
  /** Optional: a stack has it where it was asked for. */
  CASSANDRA("Cassandra");

  private final String title;

  Component(String title) {
    this.title = title;
  }

  /** The name that a message calls it by. */
  public String title() {
    return title;
  }

  /** The name of its log file in the folder of logs. */
  public String logFileName() {
    return name().toLowerCase(Locale.ROOT) + ".log";
  }
}
