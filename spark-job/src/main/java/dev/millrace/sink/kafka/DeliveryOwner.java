package dev.millrace.sink.kafka;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
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
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(500);

  /** The owner; empty where there has been no delivery. */
  static Optional<DeliveryOwner> read(Map<String, Object> clientProperties, String marksTopic) {
    TopicPartition first = new TopicPartition(marksTopic, 0);
    Map<String, Object> properties = new HashMap<>(clientProperties);
    properties.put("enable.auto.commit", "false");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(first));
      consumer.seekToBeginning(List.of(first));
      long end = consumer.endOffsets(List.of(first), TIMEOUT).get(first);
      long deadline = System.nanoTime() + TIMEOUT.toNanos();
      while (consumer.position(first, TIMEOUT) < end) {
        if (System.nanoTime() > deadline) {
          throw new TimeoutException("the marks of " + marksTopic + " can't be read");
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          if (new String(record.key(), StandardCharsets.UTF_8).equals(KEY)) {
            String[] ids = new String(record.value(), StandardCharsets.UTF_8).split(" ", -1);
            return Optional.of(
                new DeliveryOwner(ids[0], ids[1], ids.length > 2 ? Integer.parseInt(ids[2]) : 0));
          }
        }
      }
      return Optional.empty();
    }
  }

  /** Stores the owner; returns when the broker has it. */
  void write(Map<String, Object> clientProperties, String marksTopic)
      throws ExecutionException, InterruptedException {
    Map<String, Object> properties = new HashMap<>(clientProperties);
    properties.put("acks", "all");
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer())) {
      String text = queryId + " " + topicId + (partitions > 0 ? " " + partitions : "");
      byte[] ids = text.getBytes(StandardCharsets.UTF_8);
      producer.send(new ProducerRecord<>(marksTopic, 0, KEY, ids)).get();
    }
  }
}
