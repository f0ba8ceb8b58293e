package dev.millrace.stack;

import dev.millrace.stack.process.Component;

/**
 * The ports of the loopback interface that the stack listens on; 0 stands for any free one.
 *
 * @param controller Kafka's own, between its controller and its broker
 * @param cassandra for CQL
 * @param internode Cassandra's own, between nodes
 */
public record Ports(
    int postgres, int kafka, int connect, int controller, int cassandra, int internode) {

  /** The ports that every guide to these systems uses. */
  public static Ports standard() {
    return new Ports(5432, 9092, 8083, 0, 9042, 0);
  }

  /** The one that a component serves its users on. */
  int of(Component component) {
    return switch (component) {
      case POSTGRES -> postgres;
      case KAFKA -> kafka;
      case CONNECT -> connect;
      case CASSANDRA -> cassandra;
    };
  }

  /** Any free ones, so that stacks do not meet. */
  public static Ports free() {
    return new Ports(0, 0, 0, 0, 0, 0);
  }
}
