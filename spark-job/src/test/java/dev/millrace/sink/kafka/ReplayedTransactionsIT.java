package dev.millrace.sink.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.StackExtension;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition.Create;
import dev.millrace.config.SinkDefinition.KafkaSink;
import dev.millrace.event.SourceRange;
import dev.millrace.kafka.KafkaConnection;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import dev.millrace.stack.LocalStack;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A batch whose run was killed between its transactions, delivered again in others: by a release
 * that takes another number of rows for small.
 */
@ExtendWith(StackExtension.class)
class ReplayedTransactionsIT {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final int PARTITIONS = 3;
  private static final int ROWS = 30;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aReplayInOtherTransactionsDeliversTheRestOnce(boolean wasSmall, LocalStack stack)
      throws Exception {
    String topic = "replayed-" + wasSmall;
    stack.createTopic(topic, PARTITIONS);
    try (Sink killed = sink(stack, topic)) {
      killed.begin("checkpoint", 0);
      killed.deliver(batch(0, false, wasSmall, PARTITIONS));
      // Of batch 1 the first partition is delivered, the next one's transaction is open.
      killed.deliver(batch(1, false, wasSmall, 1));
    }
    String transaction = wasSmall ? "rides-0..7" : "rides-1";
    try (TransactionalProducers producers =
            new TransactionalProducers(
                new KafkaConnection(Map.of("bootstrap.servers", stack.bootstrapServers())));
        KafkaProducer<byte[], byte[]> open =
            producers.create("millrace/rides/bookings/" + topic + "/" + transaction);
        Sink sink = sink(stack, topic)) {
      open.beginTransaction();
      open.send(new ProducerRecord<>(topic, bytes("{\"id\":40}"))).get();
      open.send(
              new ProducerRecord<>(
                  KafkaTransactionalSink.marksTopic("rides", "bookings", topic),
                  1,
                  bytes("rides-1"),
                  bytes(new DeliveryMark(1, 20).toText())))
          .get();

      sink.begin("checkpoint", 1);
      sink.deliver(batch(1, true, !wasSmall, PARTITIONS));

      assertThatThrownBy(open::commitTransaction).isInstanceOf(KafkaException.class);
      assertThat(ids(stack, topic)).containsExactlyInAnyOrderElementsOf(ids(2));

      // The same once more, and then batches of both kinds in turn.
      sink.deliver(batch(1, true, !wasSmall, PARTITIONS));
      sink.deliver(batch(2, false, true, PARTITIONS));
      sink.deliver(batch(3, false, false, PARTITIONS));
      sink.deliver(batch(4, false, true, PARTITIONS));
      assertThat(ids(stack, topic)).containsExactlyInAnyOrderElementsOf(ids(5));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<Long> ids(int batches) {
    return LongStream.range(0, (long) batches * ROWS).boxed().toList();
  }

  private static List<Long> ids(LocalStack stack, String topic) {
    return stack.committedRecords(topic).stream()
        .map(record -> Long.valueOf(record.value().replaceAll("\\D", "")))
        .toList();
  }

  /** Ten rows of each source partition; those after the first {@code partitions} are empty. */
  private static Batch batch(long id, boolean isReplay, boolean isSmall, int partitions) {
    Dataset<Row> rows = SPARK.session().range(id * ROWS, (id + 1) * ROWS, 1, PARTITIONS).toDF("id");
    List<SourceRange> ranges =
        IntStream.range(0, PARTITIONS)
            .mapToObj(
                partition ->
                    new SourceRange(
                        "rides",
                        0,
                        partition,
                        partition < partitions ? id * 10 : (id + 1) * 10,
                        (id + 1) * 10,
                        isSmall ? 10 : Long.MAX_VALUE))
            .toList();
    return new Batch(id, "checkpoint", isReplay, rows, rdd -> Optional.of(ranges));
  }

  private static Sink sink(LocalStack stack, String topic) {
    KafkaSink definition =
        new KafkaSink(
            stack.bootstrapServers(), topic, KafkaSink.Format.JSON, Create.IF_MISSING, Map.of());
    return new KafkaTransactionalSink(
        definition,
        "rides",
        new OutputDefinition(
            "bookings",
            Optional.empty(),
            "rides.yaml:1: outputs.bookings.sql",
            OutputDefinition.Mode.APPEND,
            OutputDefinition.Scope.STREAM,
            Optional.empty(),
            List.of(),
            definition));
  }
}
