package dev.millrace.pipeline;

import dev.millrace.StackExtension;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.config.parse.Overrides.TriggerOverride;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.pipeline.command.ViewVerification;
import dev.millrace.stack.LocalStack;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The shipped views with one kind of sink, over the stack's topic, in runs that end by themselves.
 *
 * @param folder of checkpoints and output
 */
record ShippedViews(LocalStack stack, Path folder, String sink) {

  /** Runs the pipeline; what was printed. */
  String run(List<String> settings) throws InterruptedException {
    StringWriter seen = new StringWriter();
    new PipelineRun(pipeline(settings), new PrintWriter(seen, true), 200).run();
    return seen.toString();
  }

  /** Compares the views with Postgres and with what their sink holds; what was printed. */
  String verified(List<String> settings) throws InterruptedException {
    StringWriter seen = new StringWriter();
    new ViewVerification(pipeline(settings), new PrintWriter(seen, true), 200)
        .run(Duration.ZERO, 10);
    return seen.toString();
  }

  PipelineDefinition pipeline(List<String> settings) {
    Overrides overrides =
        new Overrides(
            new OutputChoice.All(),
            Optional.of(sink),
            settings,
            Optional.of(TriggerOverride.AVAILABLE_NOW),
            Optional.of(folder.resolve("checkpoints").toString()));
    Map<String, String> environment =
        Map.of(
            "KAFKA_BOOTSTRAP_SERVERS",
            stack.bootstrapServers(),
            "KAFKA_TOPIC",
            StackExtension.TOPIC,
            "OUTPUT_DIR",
            folder.resolve("output").toString(),
            "OUTPUT_POSTGRES_URL",
            stack.jdbcUrl(),
            "OUTPUT_POSTGRES_PASSWORD",
            stack.connections().postgresPassword());
    String file =
        Path.of(System.getProperty("millrace.home"), "pipelines", "ride-views.yaml").toString();
    return new PipelineLoader(environment, SinkConnectors.STANDARD.kinds())
        .load(file, overrides)
        .definition();
  }
}
