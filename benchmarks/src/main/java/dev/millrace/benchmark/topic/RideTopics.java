package dev.millrace.benchmark.topic;

import dev.millrace.simulator.RideChange;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Makes topics and fills them as the connector would, straight from the generator. */
public final class RideTopics {

  /** What Debezium puts into every message's headers. */
  private static final List<Header> HEADERS =
      List.of(
          header("__debezium.context.connectorLogicalName", "business_postgres"),
          header("__debezium.context.taskId", "0"),
          header("__debezium.context.connectorName", "postgresql"),
          header("__debezium.context.runId", "01a1fc46-765b-7fb3-8ed3-d57fc95ac4ad"));

  private final String bootstrapServers;

  public RideTopics(String bootstrapServers) {
    this.bootstrapServers = bootstrapServers;
  }

  /**
   * A topic with so many messages.
   *
   * @param messages how many it gets, as evenly as ids spread over the partitions
   * @param copies see {@link RideMessages#RideMessages}
   * @param compression as Kafka's producer names it; the connector's is {@code lz4}
   */
  public RideTopic fill(
      String name, long messages, int partitions, int copies, String compression) {
    create(name, partitions);
    RideMessages rides = new RideMessages(copies);
    long bytes = send(name, partitions, compression, Deletes.REWRITTEN, rides, messages);
    return new RideTopic(name, messages, partitions, copies, bytes);
  }

  /** How a delete is sent, as Debezium's {@code delete.tombstone.handling.mode} names it. */
  public enum Deletes {
    /** A message with the row, and {@code __deleted}. */
    REWRITTEN,
    /** A message without a value. */
    TOMBSTONE
  }

  /**
   * Sends messages to a topic, each to the partition of its id, and waits until all are there.
   *
   * @param count how many of {@code rides}
   * @return the bytes of their values, before compression
   */
  @SuppressWarnings("FutureReturnValueIgnored") // The callback tells of it.
  public long send(
      String name,
      int partitions,
      String compression,
      Deletes deletes,
      Iterator<RideMessages.Message> rides,
      long count) {
    CompletableFuture<Void> failure = new CompletableFuture<>();
    long bytes = 0;
    try (KafkaProducer<byte[], byte[]> producer = producer(compression)) {
      for (long i = 0; i < count; i++) {
        RideMessages.Message message = rides.next();
        byte[] value = value(message, deletes);
        bytes += value == null ? 0 : value.length;
        producer.send(
            new ProducerRecord<>(
                name,
                partition(message.id(), partitions),
                message.key().getBytes(StandardCharsets.UTF_8),
                value,
                HEADERS),
            (sent, e) -> {
              if (e != null) {
                failure.completeExceptionally(e);
              }
            });
      }
      producer.flush();
    }
    failure.complete(null);
    try {
      failure.join();
    } catch (CompletionException e) {
      throw new IllegalStateException("The topic " + name + " could not be filled", e.getCause());
    }
    return bytes;
  }

  /** The partition of a row's messages. */
  public static int partition(long id, int partitions) {
    return (int) (id % partitions);
  }

  private static byte[] value(RideMessages.Message message, Deletes deletes) {
    return deletes == Deletes.TOMBSTONE && message.operation() == RideChange.Operation.DELETE
        ? null
        : message.value().getBytes(StandardCharsets.UTF_8);
  }

  /** Makes an empty topic. */
  public void create(String name, int partitions) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("The topic " + name + " could not be made", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private KafkaProducer<byte[], byte[]> producer(String compression) {
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers", bootstrapServers,
            "compression.type", compression,
            "linger.ms", "20",
            "batch.size", "262144",
            "buffer.memory", "67108864",
            "delivery.timeout.ms", "300000",
            // With more of them, and tens of partitions, the client loses count of its batches.
            "max.in.flight.requests.per.connection", "1"),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private static Header header(String name, String value) {
    return new RecordHeader(name, value.getBytes(StandardCharsets.US_ASCII));
  }
}
