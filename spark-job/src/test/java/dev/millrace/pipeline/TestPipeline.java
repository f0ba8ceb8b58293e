package dev.millrace.pipeline;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.config.parse.Overrides.TriggerOverride;
import dev.millrace.config.parse.PipelineLoader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The shipped pipeline on a test's own topic and folders, run to the end of what is there.
 *
 * @param folder for its output and its checkpoints
 */
public record TestPipeline(
    String bootstrapServers, String topic, Path folder, String sink, List<String> settings) {

  public TestPipeline(String bootstrapServers, String topic, Path folder, String sink) {
    this(bootstrapServers, topic, folder, sink, List.of());
  }

  public TestPipeline with(String setting) {
    List<String> more = new ArrayList<>(settings);
    more.add(setting);
    return new TestPipeline(bootstrapServers, topic, folder, sink, more);
  }

  /**
   * The same from these offsets on: what other tests have left in the topic is none of its
   * business.
   */
  TestPipeline from(Map<Integer, Long> offsets) {
    return with(
        offsets.entrySet().stream()
            .map(each -> "\"%d\":%d".formatted(each.getKey(), each.getValue()))
            .collect(
                Collectors.joining(
                    ",", "source.kafka.starting-offsets={\"" + topic + "\":{", "}}")));
  }

  PipelineDefinition load(OutputChoice outputs) {
    Overrides overrides =
        new Overrides(
            outputs,
            Optional.of(sink),
            settings,
            Optional.of(TriggerOverride.AVAILABLE_NOW),
            Optional.of(folder.resolve("checkpoints").toString()));
    String file =
        Path.of(System.getProperty("millrace.home"), "pipelines", "ride-bookings.yaml").toString();
    return new PipelineLoader(environment(), SinkConnectors.STANDARD.kinds())
        .load(file, overrides)
        .definition();
  }

  Map<String, String> environment() {
    return Map.of(
        "KAFKA_BOOTSTRAP_SERVERS",
        bootstrapServers,
        "KAFKA_TOPIC",
        topic,
        "OUTPUT_DIR",
        folder.resolve("output").toString(),
        "OUTPUT_TOPIC",
        topic + "-{output}",
        "KAFKA_REPLAY_TOPIC",
        topic + "-replay");
  }

  /** Runs the chosen outputs in this process and returns what a user saw. */
  public String run(OutputChoice outputs) throws InterruptedException {
    StringWriter seen = new StringWriter();
    new PipelineRun(load(outputs), new PrintWriter(seen, true), 200).run();
    return seen.toString();
  }

  public Path output(String name) {
    return folder.resolve("output").resolve(name);
  }
}
