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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs of a pipeline file in this process, each to the end of what is there.
 *
 * @param file below {@code pipelines/}, or an absolute path
 * @param folder for output and checkpoints
 */
record ShippedRun(
    String file, Path folder, Map<String, String> environment, List<String> settings) {

  ShippedRun(String file, Path folder, Map<String, String> environment) {
    this(file, folder, environment, List.of());
  }

  ShippedRun with(String setting) {
    List<String> more = new ArrayList<>(settings);
    more.add(setting);
    return new ShippedRun(file, folder, environment, more);
  }

  /** Runs one output and returns what a user saw. */
  String run(String output, String sink) throws InterruptedException {
    StringWriter seen = new StringWriter();
    new PipelineRun(load(output, sink), new PrintWriter(seen, true), 200).run();
    return seen.toString();
  }

  PipelineDefinition load(String output, String sink) {
    Overrides overrides =
        new Overrides(
            new OutputChoice.Named(List.of(output)),
            Optional.of(sink),
            settings,
            Optional.of(TriggerOverride.AVAILABLE_NOW),
            Optional.of(folder.resolve("checkpoints").toString()));
    String path =
        Path.of(System.getProperty("millrace.home"), "pipelines").resolve(file).toString();
    return new PipelineLoader(variables(), SinkConnectors.STANDARD.kinds())
        .load(path, overrides)
        .definition();
  }

  /** What the pipeline file takes from the environment. */
  Map<String, String> variables() {
    Map<String, String> variables = new HashMap<>(environment);
    variables.put("OUTPUT_DIR", output().toString());
    return variables;
  }

  Path output() {
    return folder.resolve("output");
  }
}
