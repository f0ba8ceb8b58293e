package dev.millrace.simulator.event;

import dev.millrace.simulator.error.SimulatorException;
import java.util.List;

/** Where events go. Used by one thread. */
public interface EventSink extends AutoCloseable {

  /**
   * Returns when all of the events are where they belong.
   *
   * @throws SimulatorException if that can't be; some of them may have arrived
   */
  void send(List<Event> events);

  @Override
  void close();
}
