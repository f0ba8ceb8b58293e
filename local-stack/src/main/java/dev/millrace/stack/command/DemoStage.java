package dev.millrace.stack.command;

import dev.millrace.stack.LocalStack;
import dev.millrace.stack.LocalStackOptions;
import dev.millrace.stack.process.StackProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where a demo is played: a stack, a folder of its own, and what the user asked for.
 *
 * @param folder holds data, logs and output of this run, and of no earlier one
 * @param say prints a line with the time since the demo began
 */
record DemoStage(LocalStack stack, Path folder, Settings settings, Consumer<String> say) {

  /** The most that a generator counts to: longer than anybody looks on. */
  private static final long FOREVER = Integer.MAX_VALUE;

  /**
   * What the user asked for; what is empty is the scenario's to decide.
   *
   * @param time when to stop; empty for never
   * @param rows how many to make; empty for no end
   */
  record Settings(
      Optional<Duration> time,
      Optional<Long> rows,
      Optional<Integer> rate,
      long seed,
      Optional<String> sink) {}

  /** Runs a shipped pipeline, its checkpoints and its output in the demo's folder. */
  StackProcess startJob(String pipeline, List<String> flags, Map<String, String> environment) {
    say.accept("Starting the Spark job");
    List<String> command =
        new ArrayList<>(
            List.of(millrace(), "run", home().resolve("pipelines").resolve(pipeline).toString()));
    command.addAll(flags);
    Map<String, String> all = new HashMap<>(environment);
    all.put("MILLRACE_BUILD", "never");
    all.put("KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers());
    all.put("CHECKPOINT_DIR", checkpoints().toString());
    all.put("OUTPUT_DIR", output().toString());
    return stack.startCompanion("spark-job", command, all, StackProcess.Output.TERMINAL);
  }

  /** Runs {@code millrace simulate}, which is quiet and ends once it has made all rows. */
  StackProcess startSimulator(List<String> arguments, Map<String, String> environment) {
    List<String> command = new ArrayList<>(List.of(millrace(), "simulate"));
    command.addAll(arguments);
    Map<String, String> all = new HashMap<>(environment);
    all.put("MILLRACE_BUILD", "never");
    all.put("KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers());
    return stack.startCompanion("simulator", command, all, StackProcess.Output.LOG);
  }

  /** How many rows to make, as an argument. */
  String rows() {
    return Long.toString(settings.rows().orElse(FOREVER));
  }

  Path checkpoints() {
    return folder.resolve("checkpoints");
  }

  Path output() {
    return folder.resolve("output");
  }

  private static String millrace() {
    return home().resolve("millrace").toString();
  }

  private static Path home() {
    return LocalStackOptions.homeFromSystemProperty();
  }
}
