package dev.millrace.sink.kafka;

import dev.millrace.kafka.CommittedRecords;
import dev.millrace.kafka.KafkaConnection;
import dev.millrace.sink.kafka.BatchTransactions.Unit;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The idle producers of one executor, by transactional id. Broadcast, so that an executor has one
 * copy: a producer costs a quarter of a second to open and serves a unit batch after batch.
 *
 * <p>{@link #close} closes those of its own process. Spark calls it on an executor that has its
 * copy in memory when the broadcast is destroyed; a copy that was evicted before is closed once it
 * is no longer reachable.
 *
 * <p>A producer is owned by the task that took or created it until it is given back or discarded.
 */
final class TransactionalProducers implements Serializable, AutoCloseable {

  private static final long serialVersionUID = 1L;

  /**
   * How long the broker keeps a dead writer's transaction open, and so holds up readers, when no
   * restart fences it before.
   */
  private static final Duration TRANSACTION_TIMEOUT = Duration.ofMinutes(5);

  /** A row of a 10 MiB message, its bytes in base64. */
  static final String MAX_REQUEST_BYTES = "16777216";

  static final String COMPRESSION = "lz4";

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "linger.ms",
          "5",
          "batch.size",
          "131072",
          "compression.type",
          COMPRESSION,
          "max.request.size",
          MAX_REQUEST_BYTES,
          "transaction.timeout.ms",
          Long.toString(TRANSACTION_TIMEOUT.toMillis()));

  private static final Cleaner CLEANER = Cleaner.create();

  private final KafkaConnection connection;
  private transient Idle idle = new Idle();

  /**
   * A producer without an open transaction.
   *
   * @param delivered the last mark of each unit that it delivered; while it is its id's owner
   *     nobody has delivered more of them
   */
  record IdleProducer(
      KafkaProducer<byte[], byte[]> producer, Map<String, DeliveryMark> delivered) {}

  TransactionalProducers(KafkaConnection connection) {
    this.connection = connection;
    CLEANER.register(this, idle);
  }

  private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
    in.defaultReadObject();
    idle = new Idle();
    CLEANER.register(this, idle);
  }

  /** What is to be closed; it must not refer to its owner, which would stay reachable. */
  private static final class Idle implements Runnable {

    private final ConcurrentHashMap<String, IdleProducer> byId = new ConcurrentHashMap<>();

    @Override
    public void run() {
      for (String id : byId.keySet()) {
        IdleProducer producer = byId.remove(id);
        if (producer != null) {
          discard(producer.producer());
        }
      }
    }
  }

  /** The idle producer of an id, or null where there is none. */
  IdleProducer take(String transactionalId) {
    return idle.byId.remove(transactionalId);
  }

  /**
   * Opens a producer. When this returns, any transaction that an earlier producer of the id left
   * open is aborted, and that producer can write no more.
   */
  KafkaProducer<byte[], byte[]> create(String transactionalId) {
    Map<String, Object> properties =
        connection.client(
            DEFAULTS,
            Map.of(
                "enable.idempotence", "true",
                "acks", "all",
                "transactional.id", transactionalId));
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    try {
      producer.initTransactions();
    } catch (RuntimeException | Error e) {
      discard(producer);
      throw e;
    }
    return producer;
  }

  /** Keeps a producer without an open transaction for the next batch. */
  void giveBack(String transactionalId, IdleProducer producer) {
    try {
      IdleProducer other = idle.byId.put(transactionalId, producer);
      if (other != null) {
        discard(other.producer());
      }
    } finally {
      // What is put in after the others were closed would stay open.
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Closes a producer after a failure, its transaction aborted if the broker can be asked: readers
   * need not wait then until the next producer of the id aborts it.
   */
  void abandon(KafkaProducer<byte[], byte[]> producer, Throwable failure) {
    try {
      producer.abortTransaction();
    } catch (RuntimeException e) {
      if (e != failure) {
        failure.addSuppressed(e);
      }
    }
    discard(producer);
  }

  /** Closes a producer; a transaction that it has open is aborted by the next one of its id. */
  static void discard(KafkaProducer<byte[], byte[]> producer) {
    producer.close(Duration.ZERO);
  }

  /**
   * The last committed mark of each unit, by its name; those without one are left out. A partition
   * of marks has one writer at a time, which must be fenced before: then the end of the partition
   * is also the end of what is committed.
   */
  Map<String, DeliveryMark> lastMarks(Collection<Unit> units) {
    Map<String, DeliveryMark> marks = new HashMap<>();
    try (CommittedRecords records = new CommittedRecords(connection)) {
      for (Unit unit : units) {
        records
            .newest(
                new TopicPartition(unit.marksTopic(), unit.marksPartition()),
                1,
                record -> unit.name().equals(new String(record.key(), StandardCharsets.UTF_8)))
            .forEach(
                record ->
                    marks.put(
                        unit.name(),
                        DeliveryMark.parse(new String(record.value(), StandardCharsets.UTF_8))));
      }
    }
    return marks;
  }

  /** Closes what is idle in this process. */
  @Override
  public void close() {
    idle.run();
  }
}
