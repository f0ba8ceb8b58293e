package dev.millrace.simulator.event;

/** Is told about every batch, on the thread that runs the simulation: it should be quick. */
@FunctionalInterface
public interface EventListener {

  /** Wants to know nothing. */
  EventListener SILENT = progress -> {};

  void sent(EventProgress progress);
}
