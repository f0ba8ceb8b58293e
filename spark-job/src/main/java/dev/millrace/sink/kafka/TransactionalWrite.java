package dev.millrace.sink.kafka;

import dev.millrace.error.PositionErrors;
import dev.millrace.error.SinkErrors;
import dev.millrace.sink.kafka.TransactionalProducers.IdleProducer;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Writes the rows of one task in one transaction, together with the mark of what it covers. Runs on
 * executors.
 *
 * @param transactionalIdPrefix the unit's name is added to it
 * @param units what each task delivers, by the index of its partition
 */
public record TransactionalWrite(
    Broadcast<TransactionalProducers> producers,
    String transactionalIdPrefix,
    String topic,
    String output,
    long batchId,
    List<Unit> units)
    implements Function2<Integer, Iterator<InternalRow>, Iterator<Integer>>, Serializable {

  /** Column of the record's key, binary or null. */
  public static final String KEY = "key";

  /** Column of the record's value, binary; null is a tombstone. */
  public static final String VALUE = "value";

  static final String OUTPUT_HEADER = "millrace.output";

  /**
   * @param name what is delivered in one transaction after another: a source partition's messages,
   *     or the batches
   * @param marksTopic the topic of marks
   * @param marksPartition its partition that only this unit writes to
   * @param end how far the unit has come with this batch: an offset, or the batch's id
   * @param isEmpty whether there is nothing to deliver, known beforehand
   */
  record Unit(String name, String marksTopic, int marksPartition, long end, boolean isEmpty)
      implements Serializable {}

  @Override
  public Iterator<Integer> call(Integer index, Iterator<InternalRow> rows)
      throws InterruptedException {
    Unit unit = units.get(index);
    if (unit.isEmpty() || !rows.hasNext()) {
      return List.<Integer>of().iterator();
    }
    String transactionalId = transactionalIdPrefix + "/" + unit.name();
    ProducerRecord<byte[], byte[]> first = record(rows.next());
    int largest = length(first);
    IdleProducer idle = producers.value().take(transactionalId);
    KafkaProducer<byte[], byte[]> producer = null;
    try {
      if (idle != null) {
        producer = idle.producer();
        if (covers(idle.delivered(), unit)) {
          return leaveOut(transactionalId, idle, rows);
        }
        producer = begin(producer, first);
      }
      if (producer == null) {
        producer = producers.value().create(transactionalId);
        Optional<DeliveryMark> last = lastMark(unit);
        if (last.isPresent() && covers(last.get(), unit)) {
          return leaveOut(transactionalId, new IdleProducer(producer, last.get()), rows);
        }
        producer.beginTransaction();
        send(producer, first);
      }
      while (rows.hasNext()) {
        ProducerRecord<byte[], byte[]> next = record(rows.next());
        largest = Math.max(largest, length(next));
        send(producer, next);
      }
      send(
          producer,
          new ProducerRecord<>(
              unit.marksTopic(),
              unit.marksPartition(),
              bytes(unit.name()),
              bytes(new DeliveryMark(batchId, unit.end()).toText())));
      producer.commitTransaction();
    } catch (Throwable e) {
      if (producer != null) {
        producers.value().abandon(producer, e);
      }
      if (ExceptionUtils.indexOfType(e, RecordTooLargeException.class) >= 0) {
        throw SinkErrors.rowTooLarge(output, topic, largest, e);
      }
      throw e;
    }
    producers
        .value()
        .giveBack(
            transactionalId, new IdleProducer(producer, new DeliveryMark(batchId, unit.end())));
    return List.<Integer>of().iterator();
  }

  private static int length(ProducerRecord<byte[], byte[]> row) {
    return row.value() == null ? 0 : row.value().length;
  }

  /** What is read is counted, so it has to be read to its end even if it is delivered already. */
  private Iterator<Integer> leaveOut(
      String transactionalId, IdleProducer producer, Iterator<InternalRow> rows) {
    rows.forEachRemaining(row -> {});
    producers.value().giveBack(transactionalId, producer);
    return List.<Integer>of().iterator();
  }

  /**
   * Begins a transaction with a producer of an earlier batch.
   *
   * @return null if it can't be used any more: the unit ran elsewhere in between, or the broker has
   *     forgotten its id. Only the broker knows, so the first record is awaited.
   */
  private KafkaProducer<byte[], byte[]> begin(
      KafkaProducer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> first)
      throws InterruptedException {
    try {
      producer.beginTransaction();
      producer.send(first).get();
      return producer;
    } catch (KafkaException | ExecutionException e) {
      producers.value().abandon(producer, e);
      return null;
    }
  }

  /** The mark of the last transaction that was committed before this producer fenced it. */
  private Optional<DeliveryMark> lastMark(Unit unit) {
    return producers.value().lastMark(unit.marksTopic(), unit.marksPartition(), unit.name());
  }

  private boolean covers(DeliveryMark mark, Unit unit) {
    if (mark.contradicts(batchId, unit.end())) {
      throw PositionErrors.sourceReplaced(
          output, unit.name(), batchId, unit.end(), mark.batchId(), mark.end());
    }
    return mark.covers(batchId);
  }

  /** Sends without waiting: what a send failed with is thrown by the commit. */
  @SuppressWarnings("FutureReturnValueIgnored")
  private static void send(
      KafkaProducer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> record) {
    producer.send(record);
  }

  private ProducerRecord<byte[], byte[]> record(InternalRow row) {
    byte[] key = row.isNullAt(0) ? null : row.getBinary(0);
    byte[] value = row.isNullAt(1) ? null : row.getBinary(1);
    List<Header> headers = List.of(new RecordHeader(OUTPUT_HEADER, bytes(output)));
    return new ProducerRecord<>(topic, null, key, value, headers);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
