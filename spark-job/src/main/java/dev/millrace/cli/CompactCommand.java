package dev.millrace.cli;

import dev.millrace.config.CompactionOptions;
import dev.millrace.config.Values;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.error.UserErrors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code compact PIPELINE}. */
@Command(
    name = "compact",
    description = {
      "Rewrites what outputs have delivered into fewer and larger files, also while the pipeline runs.",
      "parquet and orc: copies the batches of each output, in their order and each once, into files next to the"
          + " output's folder (FOLDER.compacted). iceberg: rewrites data files together with the deletes"
          + " that apply to them.",
      "Batches and snapshots stay unless --keep-newest or --keep-age is given; with both, what either keeps"
          + " stays. The newest one always stays."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done, also where there was nothing to compact",
      "1:failed at run time, or another compaction is under way",
      "2:wrong input: the command line, the pipeline file, the environment"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace compact pipelines/ride-views.yaml --sink parquet",
      "  millrace compact pipelines/ride-views.yaml --sink iceberg --every 15m --keep-age 24h"
    })
final class CompactCommand implements Runnable {

  private static final long MEBIBYTE = 1L << 20;

  private final Map<String, String> environment;
  private final PipelineEngine engine;

  @Spec private CommandSpec spec;
  @Mixin private PipelineArguments arguments;

  @Option(
      names = "--file-size",
      paramLabel = "MIB",
      defaultValue = "128",
      description = "How large a file is to become, in MiB. Default: ${DEFAULT-VALUE}.")
  private int fileMebibytes;

  @Option(
      names = "--every",
      paramLabel = "TIME",
      description =
          "Compact again this long after each pass, such as 15m, until Ctrl-C. Batches are copied once"
              + " they make a file of the given size.")
  private String every;

  @Option(
      names = "--keep-newest",
      paramLabel = "N",
      description = "Remove batches that are copied, and expire snapshots, but for the newest N.")
  private Integer keepNewest;

  @Option(
      names = "--keep-age",
      paramLabel = "TIME",
      description =
          "Remove batches that are copied, and expire snapshots, once they are older, such as 24h.")
  private String keepAge;

  CompactCommand(Map<String, String> environment, PipelineEngine engine) {
    this.environment = environment;
    this.engine = engine;
  }

  @Override
  public void run() {
    List<String> problems = new ArrayList<>();
    positive("--file-size", Optional.of(fileMebibytes), problems);
    positive("--keep-newest", Optional.ofNullable(keepNewest), problems);
    Optional<Duration> interval = duration("--every", every, problems);
    Optional<Duration> age = duration("--keep-age", keepAge, problems);
    if (!problems.isEmpty()) {
      throw UserErrors.invalidConfiguration(problems);
    }
    Optional<CompactionOptions.Retention> keep =
        keepNewest == null && age.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new CompactionOptions.Retention(
                    keepNewest == null ? OptionalInt.empty() : OptionalInt.of(keepNewest), age));
    engine.compact(
        arguments.load(environment, new OutputChoice.All()).definition(),
        new CompactionOptions(fileMebibytes * MEBIBYTE, interval.isPresent(), keep),
        interval,
        spec.commandLine().getOut());
  }

  private static void positive(String option, Optional<Integer> value, List<String> problems) {
    value
        .filter(number -> number < 1)
        .ifPresent(
            number ->
                problems.add(
                    UserErrors.at(
                        option,
                        UserErrors.invalidValue(
                            number.toString(), UserErrors.expectNumber(1, Integer.MAX_VALUE)))));
  }

  private static Optional<Duration> duration(String option, String text, List<String> problems) {
    try {
      return Optional.ofNullable(text).map(Values::duration);
    } catch (IllegalArgumentException e) {
      problems.add(
          UserErrors.at(option, UserErrors.invalidValue("'" + text + "'", e.getMessage())));
      return Optional.empty();
    }
  }
}
