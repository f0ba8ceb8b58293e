package dev.millrace.sink.kafka;

import dev.millrace.config.SinkDefinition.KafkaSink;
import dev.millrace.error.SinkErrors;
import dev.millrace.kafka.CommittedRecords;
import dev.millrace.kafka.KafkaConnection;
import dev.millrace.sink.SinkReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/** What a {@code read_committed} reader of a view's topic holds in the end. */
record KafkaSinkReader(KafkaSink sink, String marksTopic) implements SinkReader {

  private static final Map<String, String> JSON_OPTIONS =
      Map.of("mode", "FAILFAST", "timestampFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX");

  @Override
  public Optional<Held> read(SparkSession session, StructType result) {
    Map<String, String> values = new LinkedHashMap<>();
    OptionalLong batch;
    try (CommittedRecords records = new CommittedRecords(KafkaConnection.of(sink))) {
      batch = lastBatch(records);
      records.forEach(
          sink.topic(),
          record -> {
            String key = new String(record.key(), StandardCharsets.UTF_8);
            if (record.value() == null) {
              values.remove(key);
            } else {
              values.put(key, new String(record.value(), StandardCharsets.UTF_8));
            }
          });
      if (!batch.equals(lastBatch(records))) {
        return Optional.empty();
      }
    } catch (KafkaException e) {
      throw SinkErrors.kafkaSinkUnusable(sink.topic(), sink.bootstrapServers(), e);
    }
    Dataset<Row> rows =
        session
            .createDataset(List.copyOf(values.values()), Encoders.STRING())
            .select(
                functions
                    .from_json(functions.col("value"), result.asNullable(), JSON_OPTIONS)
                    .as("row"))
            .select("row.*");
    return Optional.of(new Held(rows, batch));
  }

  /** The mark is written in the same transaction as the batch's records. */
  private OptionalLong lastBatch(CommittedRecords records) {
    if (records.partitions(marksTopic).isEmpty()) {
      return OptionalLong.empty();
    }
    return records
        .newest(
            new TopicPartition(marksTopic, 0),
            1,
            record ->
                KafkaTransactionalSink.BATCH_UNIT.equals(
                    new String(record.key(), StandardCharsets.UTF_8)))
        .stream()
        .map(record -> new String(record.value(), StandardCharsets.UTF_8))
        .mapToLong(mark -> DeliveryMark.parse(mark).batchId())
        .findFirst();
  }
}
