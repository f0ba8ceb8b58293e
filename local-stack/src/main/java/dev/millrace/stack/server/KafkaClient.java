package dev.millrace.stack.server;

import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.process.Polling;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What the stack itself asks of its broker. Holds no connection between two calls. */
public final class KafkaClient {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(100);

  private final String bootstrapServers;

  public KafkaClient(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
  }

  /** Whether the broker tells its cluster's id within a moment. */
  boolean answers() throws ExecutionException, InterruptedException {
    try (Admin admin = Admin.create(settings(Duration.ofSeconds(1)))) {
      return !admin.describeCluster().nodes().get().isEmpty();
    }
  }

  /** Sends a record through a topic of its own and reads it, as a proof that the broker works. */
  void produceAndRead() {
    String topic = "local-stack-probe-" + UUID.randomUUID();
    createTopic(topic, 1);
    Map<String, Object> settings = settings(TIMEOUT);
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      require(
          "take a record", () -> producer.send(new ProducerRecord<>(topic, "key", "value")).get());
    }
    if (awaitRecord(topic, record -> "key".equals(record.key()), TIMEOUT).isEmpty()) {
      throw StackErrors.recordLost(topic);
    }
    deleteTopic(topic);
  }

  /**
   * Creates a topic, and returns once the broker serves it; fails where there is one of that name.
   */
  public void createTopic(String topic, int partitions) {
    withAdmin(
        "create topic " + topic,
        admin -> admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all());
    // The controller answers for a new topic before the broker has heard of it.
    Instant end = Instant.now().plus(TIMEOUT);
    while (partitions(topic).size() < partitions && Instant.now().isBefore(end)) {
      Polling.pause("waiting for topic " + topic);
    }
  }

  /** Deletes a topic and all its records. */
  public void deleteTopic(String topic) {
    withAdmin("delete topic " + topic, admin -> admin.deleteTopics(List.of(topic)).all());
  }

  public Set<String> topics() {
    return withAdmin("list topics", admin -> admin.listTopics().names());
  }

  /**
   * What a {@code read_committed} reader sees from the topic's start to its end at this moment, in
   * the order of offsets within each partition. Empty where the topic does not exist.
   */
  public List<ConsumerRecord<String, String>> committedRecords(String topic) {
    return committedRecords(topic, Map.of());
  }

  /**
   * The same.
   *
   * @param firstOffsets where to begin, by partition; those that are not named begin at their start
   */
  public List<ConsumerRecord<String, String>> committedRecords(
      String topic, Map<Integer, Long> firstOffsets) {
    try (KafkaConsumer<String, String> consumer = consumer()) {
      List<TopicPartition> partitions = partitions(topic);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      firstOffsets.forEach(
          (partition, offset) -> consumer.seek(new TopicPartition(topic, partition), offset));
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      List<ConsumerRecord<String, String>> records = new ArrayList<>();
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        consumer.poll(POLL).forEach(records::add);
      }
      return List.copyOf(records);
    }
  }

  /** Where a {@code read_committed} reader of the topic would stop now, by partition. */
  public Map<Integer, Long> endOffsets(String topic) {
    try (KafkaConsumer<String, String> consumer = consumer()) {
      return consumer.endOffsets(partitions(topic)).entrySet().stream()
          .collect(Collectors.toMap(end -> end.getKey().partition(), Map.Entry::getValue));
    }
  }

  /** The first committed record that fits, from the topic's start on, as soon as it is there. */
  Optional<ConsumerRecord<String, String>> awaitRecord(
      String topic, Predicate<ConsumerRecord<String, String>> fits, Duration timeout) {
    Instant end = Instant.now().plus(timeout);
    try (KafkaConsumer<String, String> consumer = consumer()) {
      while (Instant.now().isBefore(end)) {
        if (consumer.assignment().isEmpty()) {
          List<TopicPartition> partitions = partitions(topic);
          consumer.assign(partitions);
          consumer.seekToBeginning(partitions);
        }
        if (consumer.assignment().isEmpty()) {
          Polling.pause("waiting for a topic");
          continue;
        }
        for (ConsumerRecord<String, String> record : consumer.poll(POLL)) {
          if (fits.test(record)) {
            return Optional.of(record);
          }
        }
      }
      return Optional.empty();
    }
  }

  private List<TopicPartition> partitions(String topic) {
    try (Admin admin = Admin.create(settings(TIMEOUT))) {
      return admin
          .describeTopics(List.of(topic))
          .topicNameValues()
          .get(topic)
          .get()
          .partitions()
          .stream()
          .map(partition -> new TopicPartition(topic, partition.partition()))
          .toList();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return List.of();
      }
      throw StackErrors.kafkaRefused("describe topic " + topic, e.getCause());
    } catch (InterruptedException e) {
      throw StackErrors.interrupted("describing topic " + topic, e);
    }
  }

  private KafkaConsumer<String, String> consumer() {
    Map<String, Object> settings = settings(TIMEOUT);
    settings.put("isolation.level", "read_committed");
    settings.put("enable.auto.commit", false);
    settings.put("allow.auto.create.topics", false);
    return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
  }

  private <T> T withAdmin(String what, AdminCall<T> call) {
    try (Admin admin = Admin.create(settings(TIMEOUT))) {
      return require(what, () -> call.on(admin).get());
    }
  }

  private static <T> T require(String what, Call<T> call) {
    try {
      return call.run();
    } catch (ExecutionException e) {
      throw StackErrors.kafkaRefused(what, e.getCause());
    } catch (InterruptedException e) {
      throw StackErrors.interrupted("waiting for Kafka to " + what, e);
    }
  }

  private Map<String, Object> settings(Duration timeout) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", bootstrapServers);
    settings.put("request.timeout.ms", (int) timeout.toMillis());
    settings.put("default.api.timeout.ms", (int) timeout.toMillis());
    return settings;
  }

  private interface AdminCall<T> {
    KafkaFuture<T> on(Admin admin);
  }

  private interface Call<T> {
    T run() throws ExecutionException, InterruptedException;
  }
}
