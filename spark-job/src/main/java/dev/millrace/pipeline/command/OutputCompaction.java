package dev.millrace.pipeline.command;

import dev.millrace.config.CompactionOptions;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.error.FileErrors;
import dev.millrace.pipeline.SinkConnectors;
import dev.millrace.pipeline.SparkSessions;
import dev.millrace.sink.SinkCompaction;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/**
 * Rewrites what the sinks of a pipeline's outputs hold into fewer files, once or at intervals.
 * Driver only.
 */
public final class OutputCompaction {

  private final PipelineDefinition pipeline;
  private final PrintWriter out;
  private final CountDownLatch stopped = new CountDownLatch(1);

  /**
   * A compaction of all outputs of a pipeline.
   *
   * @param out where a line is printed for each thing that was done
   */
  public OutputCompaction(PipelineDefinition pipeline, PrintWriter out) {
    this.pipeline = pipeline;
    this.out = out;
  }

  /** Ends a compaction that is repeated; the pass that is under way is completed. */
  public void stop() {
    stopped.countDown();
  }

  /**
   * Compacts the outputs.
   *
   * @param interval from the end of a pass to the begin of the next one; empty for one pass
   * @throws dev.millrace.error.UserException where no output is kept in files that can be rewritten
   */
  public void run(CompactionOptions options, Optional<Duration> interval)
      throws InterruptedException {
    try (SparkSession session =
        SparkSessions.open("millrace compact " + pipeline.name(), pipeline.sparkConf())) {
      Map<String, SinkCompaction> compactions =
          compactions(session.sparkContext().hadoopConfiguration());
      do {
        compactions.forEach((output, compaction) -> pass(session, output, compaction, options));
      } while (interval.isPresent()
          && !stopped.await(interval.get().toMillis(), TimeUnit.MILLISECONDS));
    }
  }

  private Map<String, SinkCompaction> compactions(Configuration hadoop) {
    Map<String, SinkCompaction> compactions = new LinkedHashMap<>();
    for (OutputDefinition output : pipeline.outputs()) {
      SinkConnectors.STANDARD
          .of(output.sink())
          .compaction(output, hadoop)
          .ifPresent(compaction -> compactions.put(output.name(), compaction));
    }
    if (compactions.isEmpty()) {
      throw FileErrors.nothingToCompact(
          pipeline.outputs().stream().map(OutputDefinition::name).toList());
    }
    return compactions;
  }

  private void pass(
      SparkSession session, String output, SinkCompaction compaction, CompactionOptions options) {
    List<String> done = compaction.run(session, options);
    done.forEach(line -> out.println(output + ": " + line));
    if (done.isEmpty() && !options.isFullOnly()) {
      out.println(output + ": nothing to compact");
    }
    out.flush();
  }
}
