package dev.millrace.config;

import dev.millrace.config.SinkDefinition.KafkaSink;
import dev.millrace.error.UserErrors;
import dev.millrace.event.ChangeColumns;
import dev.millrace.event.MessageColumns;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.types.StructField;

/**
 * A Kafka topic, and the topic next to it for messages that were corrected.
 *
 * @param replayTopic takes corrected dead letters, which the pipeline reads like those of {@code
 *     topic}; empty where it reads one topic only
 * @param startingOffsets {@code earliest}, {@code latest} or Spark's JSON of offsets by partition;
 *     counts only where a query has no checkpoint
 * @param maxOffsetsPerTrigger most messages a micro-batch takes
 * @param retryTimeout how long brokers that don't answer at the start are retried
 * @param postgres the database behind the topic, checked when a run starts; empty for no checks
 * @param messageKey how the messages' keys tell the key of the table, of which SQL reads the rows;
 *     empty where they do not count
 * @param deduplicationWindow see {@link SourceDefinition#deduplicationWindow}
 * @param options passed to Spark's Kafka source as they are ({@code kafka.security.protocol}, ...)
 */
public record KafkaSourceDefinition(
    String bootstrapServers,
    String topic,
    Optional<String> replayTopic,
    String startingOffsets,
    long maxOffsetsPerTrigger,
    Map<String, String> options,
    Format format,
    Duration retryTimeout,
    Optional<PostgresDefinition> postgres,
    Optional<KeyForm> messageKey,
    Optional<Duration> deduplicationWindow)
    implements SourceDefinition {

  /** Longer than servers that are started next to the job take to come up. */
  public static final Duration DEFAULT_RETRY_TIMEOUT = Duration.ofMinutes(2);

  /** Connect stores its offsets every minute unless told otherwise. */
  public static final Duration DEFAULT_DEDUPLICATION_WINDOW = Duration.ofMinutes(10);

  /** What its messages are. */
  public enum Format {
    /** Debezium's changes, the relation {@code changes}. */
    DEBEZIUM_JSON,
    /** JSON objects of the table's columns, the relation {@code messages}. */
    JSON,
    /** Anything: key and value as text, the relation {@code messages}. */
    RAW
  }

  /** How the key of a JSON message tells which row it is. */
  public enum KeyForm {
    /** A JSON object with the fields of the key's columns; for one column also its value alone. */
    JSON,
    /** Text, the value of the one column that is the key. */
    TEXT
  }

  public KafkaSourceDefinition {
    options = Map.copyOf(options);
  }

  /** A topic whose database is not checked. */
  public KafkaSourceDefinition(
      String bootstrapServers,
      String topic,
      Optional<String> replayTopic,
      String startingOffsets,
      long maxOffsetsPerTrigger,
      Map<String, String> options,
      Format format,
      Duration retryTimeout) {
    this(
        bootstrapServers,
        topic,
        replayTopic,
        startingOffsets,
        maxOffsetsPerTrigger,
        options,
        format,
        retryTimeout,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** A topic whose brokers are waited for as long as is usual. */
  public KafkaSourceDefinition(
      String bootstrapServers,
      String topic,
      Optional<String> replayTopic,
      String startingOffsets,
      long maxOffsetsPerTrigger,
      Map<String, String> options,
      Format format) {
    this(
        bootstrapServers,
        topic,
        replayTopic,
        startingOffsets,
        maxOffsetsPerTrigger,
        options,
        format,
        DEFAULT_RETRY_TIMEOUT);
  }

  /** A topic of Debezium's changes, without one for replays. */
  public KafkaSourceDefinition(
      String bootstrapServers,
      String topic,
      String startingOffsets,
      long maxOffsetsPerTrigger,
      Map<String, String> options) {
    this(
        bootstrapServers,
        topic,
        Optional.empty(),
        startingOffsets,
        maxOffsetsPerTrigger,
        options,
        Format.DEBEZIUM_JSON);
  }

  /** The topics that are read, the one that the pipeline is made for first. */
  @Override
  public List<String> topics() {
    return Stream.concat(Stream.of(topic), replayTopic.stream()).toList();
  }

  @Override
  public String kind() {
    return "kafka";
  }

  @Override
  public String place() {
    return "topic " + topic + " at " + bootstrapServers;
  }

  /** Without the options' values, which may be secret. */
  @Override
  public String toString() {
    return "%s, format %s, replay topic %s, starting offsets %s, options %s"
        .formatted(
            place(),
            format,
            replayTopic.orElse("none"),
            startingOffsets,
            new TreeSet<>(options.keySet()));
  }

  @Override
  public Contents contents() {
    return switch (format) {
      case DEBEZIUM_JSON -> Contents.CHANGES;
      case JSON -> Contents.JSON;
      case RAW -> Contents.ROWS;
    };
  }

  @Override
  public String relationName() {
    return format == Format.DEBEZIUM_JSON ? "changes" : "messages";
  }

  @Override
  public boolean hasTable() {
    return format != Format.RAW;
  }

  @Override
  public Optional<String> inferredFrom() {
    return format == Format.DEBEZIUM_JSON ? Optional.of("the messages' schema") : Optional.empty();
  }

  @Override
  public List<StructField> rowColumns() {
    return switch (format) {
      case DEBEZIUM_JSON -> ChangeColumns.DECODED;
      case JSON -> List.of();
      case RAW -> MessageColumns.RAW;
    };
  }

  @Override
  public boolean hasRowKeys() {
    return format == Format.DEBEZIUM_JSON || messageKey.isPresent();
  }

  @Override
  public List<StructField> stateColumns() {
    return messageKey.isPresent() ? ChangeColumns.DECODED : List.of();
  }

  @Override
  public List<StructField> positionColumns() {
    return format == Format.DEBEZIUM_JSON ? ChangeColumns.POSITION : MessageColumns.POSITION;
  }

  @Override
  public List<String> identity() {
    return ChangeColumns.POSITION.stream().map(StructField::name).toList();
  }

  @Override
  public Optional<String> objectionTo(SinkDefinition sink) {
    boolean isOwnTopic =
        sink instanceof KafkaSink kafka
            && !kafka.topic().isEmpty()
            && topics().contains(kafka.topic())
            && kafka.bootstrapServers().equals(bootstrapServers);
    return isOwnTopic
        ? Optional.of(UserErrors.readsItsOwnOutput(((KafkaSink) sink).topic()))
        : Optional.empty();
  }
}
