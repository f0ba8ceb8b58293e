package dev.millrace.cli;

import dev.millrace.config.CompactionOptions;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.error.UserErrors;
import dev.millrace.error.UserException;
import dev.millrace.pipeline.PipelineRun;
import dev.millrace.pipeline.PreparedPipeline;
import dev.millrace.pipeline.SinkConnectors;
import dev.millrace.pipeline.checkpoint.Acceptance;
import dev.millrace.pipeline.command.OutputCompaction;
import dev.millrace.pipeline.command.Preview;
import dev.millrace.pipeline.command.StateRebuild;
import dev.millrace.pipeline.command.Validation;
import dev.millrace.pipeline.command.ViewQuery;
import dev.millrace.pipeline.command.ViewVerification;
import dev.millrace.table.InferenceSource;
import dev.millrace.table.TableInference;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Runs pipelines on Spark in this process. */
record SparkEngine(Map<String, String> environment) implements PipelineEngine {

  private static final int DEFAULT_WIDTH = 140;

  @Override
  public void run(PipelineDefinition pipeline, Set<Acceptance> accepted, PrintWriter out) {
    PipelineRun run = new PipelineRun(pipeline, out, width(), accepted, SinkConnectors.STANDARD);
    StopSignals.to(run::stop);
    try {
      run.run();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static UserException interrupted(InterruptedException interruption) {
    Thread.currentThread().interrupt();
    return UserErrors.unexpected(interruption);
  }

  @Override
  public void validate(PipelineDefinition pipeline, PrintWriter out) {
    new Validation(pipeline, out).run();
  }

  @Override
  public void infer(InferenceSource source, int most, PrintWriter yaml, PrintWriter notes) {
    try {
      new TableInference(yaml, notes).infer(source, most);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  @Override
  public void preview(PipelineDefinition pipeline, int messages, PrintWriter out) {
    new Preview(PreparedPipeline.withTable(pipeline, out), out, width()).show(messages);
  }

  @Override
  public void query(PipelineDefinition pipeline, String sql, int maxRows, PrintWriter out) {
    new ViewQuery(PreparedPipeline.withTable(pipeline, out), out, width()).show(sql, maxRows);
  }

  @Override
  public void verify(PipelineDefinition pipeline, Duration wait, int maxRows, PrintWriter out) {
    try {
      new ViewVerification(PreparedPipeline.withTable(pipeline, out), out, width())
          .run(wait, maxRows);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  @Override
  public void rebuild(PipelineDefinition pipeline, PrintWriter out) {
    try {
      new StateRebuild(PreparedPipeline.withTable(pipeline, out), out).run();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  @Override
  public void compact(
      PipelineDefinition pipeline,
      CompactionOptions options,
      Optional<Duration> interval,
      PrintWriter out) {
    OutputCompaction compaction = new OutputCompaction(pipeline, out);
    interval.ifPresent(any -> StopSignals.to(compaction::stop));
    try {
      compaction.run(options, interval);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Characters a line of the terminal has, where a shell exports it. */
  private int width() {
    String columns = environment.getOrDefault("COLUMNS", "");
    return columns.matches("\\d{2,4}") ? Integer.parseInt(columns) : DEFAULT_WIDTH;
  }
}
