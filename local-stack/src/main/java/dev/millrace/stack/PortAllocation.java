package dev.millrace.stack;

import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.ListeningPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Turns the ports that were asked for into ports to listen on. */
final class PortAllocation {

  private PortAllocation() {}

  /**
   * Fills in free ports where any will do, and refuses all fixed ones at once that a component
   * needs and that are in use.
   */
  static Ports resolve(Ports wanted, Set<Component> components) {
    List<String> problems = new ArrayList<>();
    components.stream()
        .sorted()
        .forEach(component -> check(component, wanted.of(component), problems));
    if (!problems.isEmpty()) {
      throw StackErrors.portsInUse(problems);
    }
    return new Ports(
        orFree(wanted.postgres()),
        orFree(wanted.kafka()),
        orFree(wanted.connect()),
        orFree(wanted.controller()),
        orFree(wanted.cassandra()),
        orFree(wanted.internode()));
  }

  /** Refuses the port of a component that is in use. */
  static void requireFree(Component component, Ports ports) {
    List<String> problems = new ArrayList<>();
    check(component, ports.of(component), problems);
    if (!problems.isEmpty()) {
      throw StackErrors.portsInUse(problems);
    }
  }

  private static void check(Component component, int port, List<String> problems) {
    if (port != 0 && !ListeningPort.isFree(port)) {
      problems.add(
          StackErrors.portInUse(component.title(), port, ListeningPort.describeHolder(port)));
    }
  }

  private static int orFree(int port) {
    return port == 0 ? ListeningPort.anyFree() : port;
  }
}
