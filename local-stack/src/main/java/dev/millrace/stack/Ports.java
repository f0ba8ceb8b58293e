package dev.millrace.stack;

/**
 * The ports of the loopback interface that the stack listens on; 0 stands for any free one.
 *
 * @param controller Kafka's own, between its controller and its broker
 */
public record Ports(int postgres, int kafka, int connect, int controller) {

  /** The ports that every guide to these systems uses. */
  public static Ports standard() {
    return new Ports(5432, 9092, 8083, 0);
  }

  /** Any free ones, so that stacks do not meet. */
  public static Ports free() {
    return new Ports(0, 0, 0, 0);
  }
}
