package dev.millrace.source;

import static org.apache.spark.sql.functions.col;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.KafkaSourceDefinition.Format;
import dev.millrace.error.RunErrors;
import dev.millrace.event.ChangeColumns;
import dev.millrace.event.MessageColumns;
import dev.millrace.event.RawColumns;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A Kafka topic, a stream of undecoded messages: {@code key}, {@code value}, when they were written
 * and where they stand. Only messages of committed transactions are read.
 */
record KafkaSource(KafkaSourceDefinition source) implements Source {

  static final Duration PATIENCE = Duration.ofSeconds(10);

  /**
   * What a consumer fetches at once. Spark's defaults (500 records, 1 MiB a partition) cost a third
   * of the throughput on messages of a kilobyte.
   */
  private static final Map<String, String> CONSUMER_DEFAULTS =
      Map.of(
          "kafka.max.poll.records", "5000",
          "kafka.max.partition.fetch.bytes", "10485760",
          "kafka.fetch.max.bytes", "52428800");

  @Override
  public Dataset<Row> open(SparkSession session) {
    Map<String, String> options = new HashMap<>(CONSUMER_DEFAULTS);
    options.putAll(source.options());
    options.put("kafka.bootstrap.servers", source.bootstrapServers());
    options.put("subscribe", source.topic());
    options.put("startingOffsets", source.startingOffsets());
    options.put("maxOffsetsPerTrigger", Long.toString(source.maxOffsetsPerTrigger()));
    options.put("kafka.isolation.level", "read_committed");
    return session.readStream().format("kafka").options(options).load().select(columns());
  }

  private Column[] columns() {
    boolean isText = source.format() == Format.RAW;
    Stream<Column> content =
        Stream.of(RawColumns.KEY, RawColumns.VALUE)
            .map(name -> isText ? col(name).cast("string").as(name) : col(name));
    Stream<Column> written =
        switch (source.format()) {
          case DEBEZIUM_JSON -> Stream.of(col(RawColumns.TIMESTAMP));
          case JSON ->
              Stream.of(
                  col(RawColumns.TIMESTAMP),
                  col(RawColumns.TIMESTAMP).as(MessageColumns.MESSAGE_TIMESTAMP));
          case RAW -> Stream.of(col(RawColumns.TIMESTAMP).as(MessageColumns.MESSAGE_TIMESTAMP));
        };
    Stream<Column> position = ChangeColumns.POSITION.stream().map(column -> col(column.name()));
    return Stream.of(content, written, position).flatMap(part -> part).toArray(Column[]::new);
  }

  @Override
  public void check() {
    try (Admin admin = Admin.create(clientProperties(source))) {
      admin.describeTopics(List.of(source.topic())).allTopicNames().get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        throw RunErrors.missingTopic(source.topic(), source.bootstrapServers(), e);
      }
      if (e.getCause() instanceof TimeoutException) {
        throw RunErrors.silentBroker(source.bootstrapServers(), PATIENCE, e);
      }
      throw RunErrors.unreachableBroker(source.bootstrapServers(), e.getCause());
    } catch (KafkaException e) {
      throw RunErrors.unreachableBroker(source.bootstrapServers(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RunErrors.unreachableBroker(source.bootstrapServers(), e);
    }
  }

  /** What a client of our own needs to reach the brokers; it gives up after {@link #PATIENCE}. */
  static Map<String, Object> clientProperties(KafkaSourceDefinition source) {
    Map<String, Object> properties = new HashMap<>();
    source
        .options()
        .forEach(
            (key, value) -> {
              if (key.startsWith("kafka.")) {
                properties.put(key.substring("kafka.".length()), value);
              }
            });
    properties.put("bootstrap.servers", source.bootstrapServers());
    properties.put("default.api.timeout.ms", Long.toString(PATIENCE.toMillis()));
    properties.put("request.timeout.ms", Long.toString(PATIENCE.toMillis() / 2));
    return properties;
  }
}
