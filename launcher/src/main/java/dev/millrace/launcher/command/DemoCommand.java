package dev.millrace.launcher.command;

import dev.millrace.launcher.demo.Demo;
import dev.millrace.launcher.demo.DemoScenario;
import dev.millrace.launcher.demo.DemoSettings;
import dev.millrace.launcher.demo.Demos;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code ./millrace demo}. */
@Command(
    name = "demo",
    description = {
      "The whole way on this machine, with real servers, simulated data and the Spark job, until"
          + " Ctrl-C.",
      "The demo rides ends by comparing its views with Postgres; its exit code is 1 where they differ.",
      "Each run starts afresh in .local-stack/demo."
    })
final class DemoCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "DEMO",
      arity = "0..1",
      converter = ScenarioConverter.class,
      description = "One of ${COMPLETION-CANDIDATES}. Default: the first.",
      completionCandidates = Names.class)
  private DemoScenario scenario = Demos.all().get(0);

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description =
          "Stop after this time, such as 60s or 5m. Default: on Ctrl-C; rides end after 600 bookings.")
  private Duration time;

  @Option(
      names = "--rows",
      paramLabel = "ROWS",
      description = "Stop once this many rows (rides, say) were made and processed.")
  private Long rows;

  @Option(
      names = "--rate",
      paramLabel = "NUMBER",
      description = "Rows or changes a second. Default: what suits the demo; 50 for rides.")
  private Integer rate;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "What the data is drawn from. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--sink",
      description = "Where the results go. Default: what suits the demo; the console for rides.")
  private String sink;

  @Override
  public Integer call() {
    requirePositive("--rows", rows);
    requirePositive("--rate", rate);
    return new Demo(
            scenario,
            new DemoSettings(
                Optional.ofNullable(time),
                Optional.ofNullable(rows),
                Optional.ofNullable(rate),
                seed,
                Optional.ofNullable(sink)),
            DataFolder.options(DataFolder.inProject("demo")),
            spec.commandLine().getOut())
        .run();
  }

  private void requirePositive(String flag, Number number) {
    if (number != null && number.longValue() < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "%s: '%d' is not possible. Use a number from 1.".formatted(flag, number.longValue()));
    }
  }

  /** The names of all demos. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Demos.all().stream().map(DemoScenario::name).iterator();
    }
  }

  /** A demo by its name. */
  static final class ScenarioConverter implements ITypeConverter<DemoScenario> {
    @Override
    public DemoScenario convert(String name) {
      return Demos.all().stream()
          .filter(scenario -> scenario.name().equals(name))
          .findFirst()
          .orElseThrow(
              () ->
                  new TypeConversionException(
                      "'"
                          + name
                          + "' is not a demo. Use one of "
                          + String.join(", ", new Names())
                          + "."));
    }
  }

  /** {@code 90s}, {@code 5m} or {@code 1h}. */
  static final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      if (!text.matches("[0-9]{1,6}[smh]")) {
        throw new TypeConversionException(
            "'" + text + "' is not a time. Use a number and s, m or h, such as 60s.");
      }
      return Duration.parse("PT" + text);
    }
  }
}
