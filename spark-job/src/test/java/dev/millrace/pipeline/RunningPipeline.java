package dev.millrace.pipeline;

import dev.millrace.config.PipelineDefinition;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;

/** A run in this process that continues until it is closed. */
final class RunningPipeline implements AutoCloseable {

  private final StringWriter seen = new StringWriter();
  private final PipelineRun run;
  private final CompletableFuture<Void> running;

  RunningPipeline(PipelineDefinition pipeline) {
    this.run = new PipelineRun(pipeline, new PrintWriter(seen, true), 200);
    this.running =
        CompletableFuture.runAsync(
            () -> {
              try {
                run.run();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
  }

  /** Waits for something that the run does; fails where it ends before. */
  void await(Callable<Boolean> condition) {
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .until(
            () -> {
              if (running.isDone()) {
                running.join();
                throw new AssertionError("the run has ended:\n" + seen);
              }
              return condition.call();
            });
  }

  /** What a user saw so far. */
  String seen() {
    return seen.toString();
  }

  @Override
  public void close() {
    run.stop();
    running.join();
  }
}
