package dev.millrace.benchmark.latency;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A consumer with {@code read_committed}, from the topic's end on. */
final class TopicObserver extends Observer {

  private static final Pattern ID = Pattern.compile("\"id\":(\\d+)");
  private static final Duration WAIT = Duration.ofMillis(20);

  private final KafkaConsumer<byte[], byte[]> consumer;

  TopicObserver(String bootstrapServers, String topic) {
    super("reader of " + topic);
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", bootstrapServers,
                "isolation.level", "read_committed",
                "max.poll.records", "100000"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(partition -> new TopicPartition(topic, partition.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position);
  }

  @Override
  void look(Times wanted) {
    var records = consumer.poll(WAIT);
    long now = System.nanoTime();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      if (record.value() != null) {
        Matcher id = ID.matcher(new String(record.value(), StandardCharsets.UTF_8));
        if (id.find()) {
          seen(Long.parseLong(id.group(1)), now);
        }
      }
    }
  }

  @Override
  void release() {
    consumer.close();
  }
}
