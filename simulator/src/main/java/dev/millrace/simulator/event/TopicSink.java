package dev.millrace.simulator.event;

import dev.millrace.simulator.error.KafkaErrors;
import dev.millrace.simulator.error.SimulatorException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringSerializer;

/** A topic of Kafka. The producer is idempotent: a message that is sent again is stored once. */
public final class TopicSink implements EventSink {

  private static final String TIMEOUT_MILLIS = "15000";

  private final Target target;
  private final Producer<String, String> producer;

  private TopicSink(Target target, Producer<String, String> producer) {
    this.target = target;
    this.producer = producer;
  }

  /** How the producer compresses its batches; a consumer gets to see the messages as they were. */
  public enum Compression {
    NONE("none"),
    GZIP("gzip");

    private final String type;

    Compression(String type) {
      this.type = type;
    }
  }

  /**
   * Which topic, and how to write to it.
   *
   * @param partitionsIfMissing with how many partitions to create the topic if there is none; empty
   *     makes a missing topic an error
   */
  public record Target(
      String bootstrapServers,
      String topic,
      Compression compression,
      Optional<Integer> partitionsIfMissing) {}

  /**
   * Connects, and creates the topic where that is asked for.
   *
   * @throws SimulatorException if Kafka can't be reached or the topic is missing
   */
  public static TopicSink open(Target target) {
    try {
      provideTopic(target);
      Map<String, Object> settings = new HashMap<>();
      settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, target.bootstrapServers());
      settings.put(ProducerConfig.CLIENT_ID_CONFIG, "millrace-simulate");
      settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
      settings.put(ProducerConfig.ACKS_CONFIG, "all");
      settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, target.compression().type);
      settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, TIMEOUT_MILLIS);
      // Long enough for a broker to restart.
      settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "60000");
      return new TopicSink(
          target, new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer()));
    } catch (KafkaException failure) {
      throw KafkaErrors.cannotReach(target.bootstrapServers(), failure);
    }
  }

  private static void provideTopic(Target target) {
    Map<String, Object> settings =
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            target.bootstrapServers(),
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            TIMEOUT_MILLIS,
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
            "5000");
    try (Admin admin = Admin.create(settings)) {
      if (target.partitionsIfMissing().isPresent()) {
        create(admin, target.topic(), target.partitionsIfMissing().get());
      } else {
        admin.describeTopics(Set.of(target.topic())).allTopicNames().get();
      }
    } catch (ExecutionException failure) {
      throw failure.getCause() instanceof UnknownTopicOrPartitionException
          ? KafkaErrors.noTopic(target.bootstrapServers(), target.topic())
          : KafkaErrors.cannotReach(target.bootstrapServers(), failure.getCause());
    } catch (InterruptedException interrupted) {
      throw interrupted(target, interrupted);
    }
  }

  private static void create(Admin admin, String topic, int partitions)
      throws ExecutionException, InterruptedException {
    try {
      admin
          .createTopics(Set.of(new NewTopic(topic, Optional.of(partitions), Optional.empty())))
          .all()
          .get();
    } catch (ExecutionException failure) {
      if (!(failure.getCause() instanceof TopicExistsException)) {
        throw failure;
      }
    }
  }

  @Override
  public void send(List<Event> events) {
    try {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (Event event : events) {
        sent.add(producer.send(new ProducerRecord<>(target.topic(), event.key(), event.value())));
      }
      producer.flush();
      for (Future<RecordMetadata> message : sent) {
        message.get();
      }
    } catch (ExecutionException failure) {
      throw KafkaErrors.cannotSend(target.bootstrapServers(), target.topic(), failure.getCause());
    } catch (KafkaException failure) {
      throw KafkaErrors.cannotSend(target.bootstrapServers(), target.topic(), failure);
    } catch (InterruptedException interrupted) {
      throw interrupted(target, interrupted);
    }
  }

  private static SimulatorException interrupted(Target target, InterruptedException cause) {
    Thread.currentThread().interrupt();
    return KafkaErrors.cannotSend(target.bootstrapServers(), target.topic(), cause);
  }

  @Override
  public void close() {
    producer.close();
  }
}
