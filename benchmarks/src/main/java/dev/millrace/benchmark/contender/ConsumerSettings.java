package dev.millrace.benchmark.contender;

import java.util.Map;

/** What every contender's consumers are set to: the job's own settings. */
public final class ConsumerSettings {

  /** By the names of Kafka's consumer. */
  public static final Map<String, String> FETCH =
      Map.of(
          "max.poll.records", "5000",
          "max.partition.fetch.bytes", "10485760",
          "fetch.max.bytes", "52428800",
          "fetch.max.wait.ms", "5",
          "isolation.level", "read_committed");

  private ConsumerSettings() {}
}
