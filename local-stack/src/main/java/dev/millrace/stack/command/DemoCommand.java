package dev.millrace.stack.command;

import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code ./millrace demo}. */
@Command(
    name = "demo",
    description = {
      "The whole way on this machine: Postgres, Debezium, Kafka and the Spark job, with simulated"
          + " ride bookings, until Ctrl-C.",
      "Each run starts anew in .local-stack/demo."
    })
final class DemoCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "Stop after this time, such as 60s or 5m. Default: on Ctrl-C.")
  private Duration time;

  @Option(
      names = "--rows",
      paramLabel = "RIDES",
      description = "Stop once this many rides were played and their changes processed.")
  private Long rides;

  @Option(
      names = "--rate",
      paramLabel = "CHANGES",
      defaultValue = "50",
      description = "Changes a second. Default: ${DEFAULT-VALUE}.")
  private int changesPerSecond;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "What the rides are drawn from. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--sink",
      defaultValue = "console",
      description = "console, parquet or kafka. Default: ${DEFAULT-VALUE}.")
  private String sink;

  @Override
  public Integer call() {
    return new Demo(
            new Demo.Settings(time, rides, changesPerSecond, seed, sink),
            spec.commandLine().getOut())
        .run();
  }

  /** {@code 90s}, {@code 5m} or {@code 1h}. */
  static final class DurationConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      if (!text.matches("[0-9]{1,6}[smh]")) {
        throw new TypeConversionException(
            "'" + text + "' is no time. Use a number and s, m or h, such as 60s.");
      }
      return Duration.parse("PT" + text);
    }
  }
}
