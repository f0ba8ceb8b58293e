package dev.millrace.simulator;

/** Is told about every commit, on the thread that runs the simulation: it should be quick. */
@FunctionalInterface
public interface SimulationListener {

  /** Wants to know nothing. */
  SimulationListener SILENT = progress -> {};

  void committed(SimulationProgress progress);
}
