package dev.millrace.sink.kafka;

import dev.millrace.kafka.CommittedRecords;
import dev.millrace.kafka.KafkaConnection;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Whose rows a topic holds: the first record of the topic of marks. Driver only.
 *
 * @param queryId the checkpoint that counts the batches
 * @param topicId Kafka's identity of the topic, another one once it is created again
 * @param partitions of the topic, where they must stay the same; else 0
 */
record DeliveryOwner(String queryId, String topicId, int partitions) {

  private static final String KEY = "owner";

  /** The owner; empty where there has been no delivery. */
  static Optional<DeliveryOwner> read(KafkaConnection connection, String marksTopic) {
    AtomicReference<DeliveryOwner> owner = new AtomicReference<>();
    try (CommittedRecords records = new CommittedRecords(connection)) {
      records.read(
          records.ranges(List.of(new TopicPartition(marksTopic, 0))),
          record -> {
            if (KEY.equals(new String(record.key(), StandardCharsets.UTF_8))) {
              owner.set(parse(new String(record.value(), StandardCharsets.UTF_8)));
            }
            return owner.get() == null;
          });
    }
    return Optional.ofNullable(owner.get());
  }

  private static DeliveryOwner parse(String text) {
    String[] ids = text.split(" ", -1);
    return new DeliveryOwner(ids[0], ids[1], ids.length > 2 ? Integer.parseInt(ids[2]) : 0);
  }

  /** Stores the owner; returns when the broker has it. */
  void write(KafkaConnection connection, String marksTopic) throws InterruptedException {
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            connection.client(Map.of(), Map.of("acks", "all")),
            new StringSerializer(),
            new ByteArraySerializer())) {
      String text = queryId + " " + topicId + (partitions > 0 ? " " + partitions : "");
      byte[] ids = text.getBytes(StandardCharsets.UTF_8);
      producer.send(new ProducerRecord<>(marksTopic, 0, KEY, ids)).get();
    } catch (ExecutionException e) {
      throw new KafkaException(e.getCause());
    }
  }
}
