package dev.millrace.sink.kafka;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition;
import dev.millrace.config.SinkDefinition.Create;
import dev.millrace.config.SinkDefinition.KafkaSink;
import dev.millrace.config.SinkDefinition.KafkaSink.Format;
import dev.millrace.config.Values;
import dev.millrace.config.parse.Section;
import dev.millrace.error.SinkErrors;
import dev.millrace.error.UserErrors;
import dev.millrace.sink.Sink;
import dev.millrace.sink.SinkConnector;
import dev.millrace.sink.SinkContents;
import dev.millrace.sink.SinkContext;
import dev.millrace.sink.SinkReader;
import dev.millrace.sink.ViewForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** {@code kafka}: a topic. */
public final class KafkaConnector implements SinkConnector {

  /** Options of the producer that Millrace sets, and why. */
  private static final Map<String, String> RESERVED =
      Map.of(
          "bootstrap.servers", "write it as bootstrap-servers.",
          "key.serializer", "the sink writes bytes.",
          "value.serializer", "the sink writes bytes.",
          "transactional.id", "it fences the tasks of a query, for exactly-once delivery.",
          "enable.idempotence", "a transaction needs it.",
          "acks", "a transaction needs all.");

  @Override
  public String spelling() {
    return "kafka";
  }

  @Override
  public SinkTemplate read(Section settings, SinkDefaults defaults) {
    String servers =
        settings.optional(
            "bootstrap-servers", Values::bootstrapServers, defaults.bootstrapServers());
    String topic = settings.optional("topic", Values.template(Values::topic), defaults.topic());
    Map<String, String> options = settings.options("options", KafkaConnector::objection);
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

  private static String named(String template, String output) {
    return template.replace("{output}", output);
  }

  private static Optional<String> objection(String option) {
    if (RESERVED.containsKey(option)) {
      return Optional.of(UserErrors.reservedOption(option, RESERVED.get(option)));
    }
    return option.startsWith("kafka.")
        ? Optional.of(UserErrors.prefixedOption(option.substring("kafka.".length())))
        : Optional.empty();
  }

  @Override
  public boolean holdsDeadLetters() {
    return true;
  }

  @Override
  public List<String> objections(SinkDefinition sink, StructType result) {
    List<String> objections = new ArrayList<>();
    if (((KafkaSink) sink).format() == Format.RAW) {
      for (String column : List.of(TransactionalWrite.KEY, TransactionalWrite.VALUE)) {
        boolean isThere =
            Arrays.stream(result.fields())
                .filter(field -> field.name().equals(column))
                .map(StructField::dataType)
                .anyMatch(type -> type instanceof StringType || type instanceof BinaryType);
        if (!isThere) {
          objections.add(SinkErrors.notARecord(column, List.of(result.fieldNames())));
        }
      }
    }
    return objections;
  }

  @Override
  public ViewForm viewForm() {
    return ViewForm.RECORDS;
  }

  @Override
  public Sink open(OutputDefinition output, SinkContext context) {
    return new KafkaTransactionalSink((KafkaSink) output.sink(), context.pipeline(), output);
  }

  @Override
  public Sink openView(OutputDefinition output, SinkContext context) {
    return KafkaTransactionalSink.ofView((KafkaSink) output.sink(), context.pipeline(), output);
  }

  @Override
  public Optional<SinkReader> reader(String pipeline, OutputDefinition view, Configuration hadoop) {
    return Optional.of(new KafkaSinkReader((KafkaSink) view.sink(), marks(pipeline, view)));
  }

  @Override
  public Optional<SinkContents> contents(
      String pipeline, OutputDefinition output, Configuration hadoop) {
    return Optional.of(new KafkaContents((KafkaSink) output.sink(), marks(pipeline, output)));
  }

  private static String marks(String pipeline, OutputDefinition output) {
    return KafkaTransactionalSink.marksTopic(
        pipeline, output.name(), ((KafkaSink) output.sink()).topic());
  }
}
