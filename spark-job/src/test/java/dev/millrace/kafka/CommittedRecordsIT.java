package dev.millrace.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.StackExtension;
import dev.millrace.error.UserException;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.process.Component;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.ExtendWith;

/** A broker that is stopped (SIGSTOP) keeps its connections and answers nothing. */
@ExtendWith(StackExtension.class)
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
class CommittedRecordsIT {

  private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofSeconds(2);

  @Test
  void endARequestForRecordsThatABrokerHasAndDoesNotSend(LocalStack stack) throws Exception {
    String topic = "records-that-stall";
    stack.createTopic(topic, 1);
    write(stack, topic, "one", "two");
    KafkaConnection connection = connection(stack);
    List<String> before = new ArrayList<>();

    assertThatThrownBy(
            () ->
                CommittedRecords.read(
                    connection,
                    RESPONSE_TIMEOUT,
                    SHORT,
                    records -> {
                      records.forEach(topic, record -> before.add(text(record.value())));
                      Map<TopicPartition, OffsetRange> ranges =
                          records.ranges(records.partitions(topic));
                      return whileStopped(stack, () -> records.read(ranges, record -> true));
                    }))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "source.kafka.topic: the broker at %1$s has sent no message of topic '%2$s' for 2 s, although it has some. Check that every partition has a leader (./millrace kafka topics --describe --topic %2$s), and run the command again."
                .formatted(stack.bootstrapServers(), topic));
    assertThat(before).containsExactly("one", "two");
    assertThat(all(connection, topic)).containsExactly("one", "two");
  }

  @Test
  void endAQuestionThatNoBrokerAnswers(LocalStack stack) throws Exception {
    String topic = "questions-that-stall";
    stack.createTopic(topic, 1);
    write(stack, topic, "one");
    KafkaConnection connection = connection(stack);

    assertThatThrownBy(
            () ->
                CommittedRecords.read(
                    connection,
                    SHORT,
                    RESPONSE_TIMEOUT,
                    records -> whileStopped(stack, () -> records.partitions(topic))))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith(
            "source.kafka.bootstrap-servers: no Kafka broker answered at %s within 2 s. "
                .formatted(stack.bootstrapServers()));
    assertThat(all(connection, topic)).containsExactly("one");
  }

  private static List<String> all(KafkaConnection connection, String topic) {
    return CommittedRecords.read(
        connection,
        RESPONSE_TIMEOUT,
        RESPONSE_TIMEOUT,
        records -> {
          List<String> found = new ArrayList<>();
          records.forEach(topic, record -> found.add(text(record.value())));
          return found;
        });
  }

  private static KafkaConnection connection(LocalStack stack) {
    return new KafkaConnection(Map.of("bootstrap.servers", stack.bootstrapServers()));
  }

  private static String text(byte[] value) {
    return new String(value, StandardCharsets.UTF_8);
  }

  private static void write(LocalStack stack, String topic, String... values) throws Exception {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", stack.bootstrapServers(), "acks", "all"),
            new StringSerializer(),
            new StringSerializer())) {
      for (String value : values) {
        producer.send(new ProducerRecord<>(topic, value)).get();
      }
    }
  }

  private static Void whileStopped(LocalStack stack, Runnable action) {
    signal(stack, "STOP");
    try {
      action.run();
      return null;
    } finally {
      signal(stack, "CONT");
    }
  }

  private static void signal(LocalStack stack, String signal) {
    long broker = stack.process(Component.KAFKA).identity().pid();
    try {
      assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(broker)).start().waitFor())
          .isZero();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
