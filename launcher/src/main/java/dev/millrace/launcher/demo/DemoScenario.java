package dev.millrace.launcher.demo;

import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.StackProcess;
import java.util.Optional;
import java.util.Set;

/**
 * One of the demos: what is played, and what there is to see. Has no state; see {@link DemoStage}.
 */
public interface DemoScenario {

  /** What follows {@code ./millrace demo}. */
  String name();

  /** The way of the data, in a line. */
  String title();

  /** The servers that the data comes from. */
  Set<Component> sources();

  /** Where the results go if the user does not choose. */
  String defaultSink();

  /**
   * Starts all that the demo consists of, on a stack whose processes are still coming up.
   *
   * @throws dev.millrace.stack.error.StackException where something does not start
   */
  Play begin(DemoStage stage);

  /** Whether the job has processed all that the feeder, which has ended, gave it. */
  boolean hasProcessedAll(DemoStage stage);

  /** Shows what has come of it, before everything is stopped; by default it was seen already. */
  default void showResults(DemoStage stage) {}

  /** What to try next: lines of a command and what it does. */
  String farewell();

  /**
   * What runs.
   *
   * @param feeder what makes the data; without one the end of the job is the end of the demo
   */
  record Play(StackProcess job, Optional<StackProcess> feeder) {}
}
