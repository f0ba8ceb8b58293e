package dev.millrace.config.parse;

import dev.millrace.config.CsvDialect;
import dev.millrace.config.SinkDefinition;
import dev.millrace.config.SinkDefinition.ConsoleSink;
import dev.millrace.config.SinkDefinition.Create;
import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.config.SinkDefinition.KafkaSink;
import dev.millrace.config.SinkDefinition.KafkaSink.Format;
import dev.millrace.config.ValueParser;
import dev.millrace.config.Values;
import dev.millrace.error.UserErrors;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The kinds of sinks and the keys that each has. A kind is one constant here and a line that reads
 * it, next to its record in {@link SinkDefinition}.
 */
public enum SinkKind {
  CONSOLE,
  PARQUET,
  ORC,
  CSV,
  JSON,
  TEXT,
  KAFKA,
  CASSANDRA;

  /** Options of the producer that Millrace sets, and why. */
  private static final Map<String, String> RESERVED =
      Map.of(
          "bootstrap.servers", "write it as bootstrap-servers.",
          "key.serializer", "the sink writes bytes.",
          "value.serializer", "the sink writes bytes.",
          "transactional.id", "it fences the tasks of a query, for exactly-once delivery.",
          "enable.idempotence", "a transaction needs it.",
          "acks", "a transaction needs all.");

  /** The defaults that depend on what is written. */
  record SinkDefaults(String bootstrapServers, String topic) {}

  /** A sink's settings before it is known which output uses them. */
  @FunctionalInterface
  interface SinkTemplate {
    SinkDefinition forOutput(String output);
  }

  /** Reads the settings of this kind; other keys of the section are left alone. */
  SinkTemplate read(Section settings, SinkDefaults defaults) {
    return switch (this) {
      case CONSOLE -> console(settings);
      case PARQUET, ORC, CSV, JSON, TEXT -> files(settings);
      case KAFKA -> kafka(settings, defaults);
      case CASSANDRA -> CassandraParser.sink(settings);
    };
  }

  /** The name by which flags and files choose it. */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT);
  }

  private static SinkTemplate console(Section settings) {
    int rows = settings.optional("rows", Values.number(1, 10_000), "20").intValue();
    return output -> new ConsoleSink(rows);
  }

  private SinkTemplate files(Section settings) {
    String path =
        settings.optional("path", Values.template(Values::renamingFolder), "output/{output}");
    List<String> partitionBy = settings.list("partition-by", Values::text, List.of());
    Map<String, String> options = this == CSV ? csvOptions(settings) : Map.of();
    return output -> new FileSink(spelling(), named(path, output), partitionBy, options);
  }

  private static Map<String, String> csvOptions(Section settings) {
    Map<String, String> options =
        settings.options("options", CsvDialect::objectionOfSink, CsvDialect::parser);
    CsvDialect.contradiction(options)
        .or(() -> CsvDialect.contradictionOfSink(CsvDialect.of(options)))
        .ifPresent(text -> settings.problem("options", text));
    return options;
  }

  private static SinkTemplate kafka(Section settings, SinkDefaults defaults) {
    String servers =
        settings.optional(
            "bootstrap-servers", Values::bootstrapServers, defaults.bootstrapServers());
    String topic = settings.optional("topic", Values.template(Values::topic), defaults.topic());
    Map<String, String> options = settings.options("options", SinkKind::producerObjection);
    Format format = settings.optional("format", Values.oneOf(Format.class), "json");
    Create create = settings.optional("create", Values.oneOf(Create.class), "if-missing");
    return output ->
        new KafkaSink(
            servers,
            named(topic, output),
            format,
            create,
            options.entrySet().stream()
                .collect(
                    Collectors.toMap(
                        Map.Entry::getKey, option -> named(option.getValue(), output))));
  }

  static ValueParser<SinkKind> parser() {
    return Values.oneOf(List.of(values()), SinkKind::spelling);
  }

  /** The kinds that can hold a message's bytes and several other columns. */
  static ValueParser<SinkKind> parserForDeadLetters() {
    return Values.oneOf(List.of(CONSOLE, PARQUET, ORC, JSON, KAFKA), SinkKind::spelling);
  }

  private static String named(String template, String output) {
    return template.replace("{output}", output);
  }

  private static Optional<String> producerObjection(String option) {
    if (RESERVED.containsKey(option)) {
      return Optional.of(UserErrors.reservedOption(option, RESERVED.get(option)));
    }
    return option.startsWith("kafka.")
        ? Optional.of(UserErrors.prefixedOption(option.substring("kafka.".length())))
        : Optional.empty();
  }
}
