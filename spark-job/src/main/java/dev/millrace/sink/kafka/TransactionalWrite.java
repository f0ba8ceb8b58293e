package dev.millrace.sink.kafka;

import dev.millrace.error.PositionErrors;
import dev.millrace.error.SinkErrors;
import dev.millrace.sink.kafka.BatchTransactions.Transaction;
import dev.millrace.sink.kafka.BatchTransactions.Unit;
import dev.millrace.sink.kafka.TransactionalProducers.IdleProducer;
import dev.millrace.sink.kafka.TransactionalWrite.UnitRecord;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Writes the rows of one task in one transaction, together with the marks of what it covers. Runs
 * on executors.
 *
 * @param transactionalIdPrefix the transaction's name is added to it
 * @param batch what each task delivers
 */
record TransactionalWrite(
    Broadcast<TransactionalProducers> producers,
    String transactionalIdPrefix,
    String topic,
    String output,
    long batchId,
    BatchTransactions batch)
    implements Function2<Integer, Iterator<UnitRecord>, Iterator<Integer>>, Serializable {

  /** Column of the record's key, binary or null. */
  public static final String KEY = "key";

  /** Column of the record's value, binary; null is a tombstone. */
  public static final String VALUE = "value";

  static final String OUTPUT_HEADER = "millrace.output";

  /**
   * @param unit index of the unit whose record it is
   */
  record UnitRecord(int unit, ProducerRecord<byte[], byte[]> record) {}

  @Override
  public Iterator<Integer> call(Integer index, Iterator<UnitRecord> rows)
      throws InterruptedException {
    if (!rows.hasNext()) {
      return List.<Integer>of().iterator();
    }
    Transaction transaction = batch.transactions().get(index);
    String transactionalId = transactionalIdPrefix + "/" + transaction.name();
    UnitRecord first = rows.next();
    int largest = length(first.record());
    IdleProducer idle = producers.value().take(transactionalId);
    KafkaProducer<byte[], byte[]> producer = null;
    Map<String, DeliveryMark> delivered = new HashMap<>();
    try {
      Set<Integer> due = Set.of();
      if (idle != null) {
        producer = idle.producer();
        delivered.putAll(idle.delivered());
        due = due(transaction, delivered);
        if (due.isEmpty()) {
          return leaveOut(transactionalId, idle, rows);
        }
        producer = begin(producer, due, first);
      }
      if (producer == null) {
        producer = producers.value().create(transactionalId);
        // Those of the last transactions that were committed before this producer fenced them.
        delivered.putAll(
            producers.value().lastMarks(transaction.units().stream().map(this::unit).toList()));
        due = due(transaction, delivered);
        if (due.isEmpty()) {
          return leaveOut(transactionalId, new IdleProducer(producer, delivered), rows);
        }
        producer.beginTransaction();
        sendMarks(producer, due);
        sendDue(producer, due, first);
      }
      while (rows.hasNext()) {
        UnitRecord next = rows.next();
        largest = Math.max(largest, length(next.record()));
        sendDue(producer, due, next);
      }
      producer.commitTransaction();
      due.forEach(unit -> delivered.put(unit(unit).name(), mark(unit)));
    } catch (Throwable e) {
      if (producer != null) {
        producers.value().abandon(producer, e);
      }
      if (ExceptionUtils.indexOfType(e, RecordTooLargeException.class) >= 0) {
        throw SinkErrors.rowTooLarge(output, topic, largest, e);
      }
      throw e;
    }
    producers.value().giveBack(transactionalId, new IdleProducer(producer, delivered));
    return List.<Integer>of().iterator();
  }

  private Unit unit(int index) {
    return batch.units().get(index);
  }

  private DeliveryMark mark(int unit) {
    return new DeliveryMark(batchId, unit(unit).end());
  }

  /** The units of a transaction that are not delivered yet. */
  private Set<Integer> due(Transaction transaction, Map<String, DeliveryMark> delivered) {
    Set<Integer> due = new HashSet<>();
    for (int index : transaction.units()) {
      Unit unit = unit(index);
      DeliveryMark mark = delivered.get(unit.name());
      if (mark != null && mark.contradicts(batchId, unit.end())) {
        throw PositionErrors.sourceReplaced(
            output, unit.name(), batchId, unit.end(), mark.batchId(), mark.end());
      }
      if (mark == null || !mark.covers(batchId)) {
        due.add(index);
      }
    }
    return due;
  }

  private static int length(ProducerRecord<byte[], byte[]> row) {
    return row.value() == null ? 0 : row.value().length;
  }

  /** What is read is counted, so it has to be read to its end even if it is delivered already. */
  private Iterator<Integer> leaveOut(
      String transactionalId, IdleProducer producer, Iterator<UnitRecord> rows) {
    rows.forEachRemaining(row -> {});
    producers.value().giveBack(transactionalId, producer);
    return List.<Integer>of().iterator();
  }

  /**
   * Begins a transaction with a producer of an earlier batch.
   *
   * @return null if it can't be used any more: the units ran elsewhere in between, or the broker
   *     has forgotten its id. Only the broker knows, so the marks are awaited.
   */
  private KafkaProducer<byte[], byte[]> begin(
      KafkaProducer<byte[], byte[]> producer, Set<Integer> due, UnitRecord first)
      throws InterruptedException {
    try {
      producer.beginTransaction();
      List<Future<RecordMetadata>> marks = sendMarks(producer, due);
      sendDue(producer, due, first);
      producer.flush();
      for (Future<RecordMetadata> mark : marks) {
        mark.get();
      }
      return producer;
    } catch (KafkaException | ExecutionException e) {
      producers.value().abandon(producer, e);
      return null;
    }
  }

  /** First of all, so that the broker adds their partitions together with the first record's. */
  private List<Future<RecordMetadata>> sendMarks(
      KafkaProducer<byte[], byte[]> producer, Set<Integer> due) {
    return due.stream()
        .map(
            index ->
                producer.send(
                    new ProducerRecord<>(
                        unit(index).marksTopic(),
                        unit(index).marksPartition(),
                        bytes(unit(index).name()),
                        bytes(mark(index).toText()))))
        .toList();
  }

  /**
   * Sends a record of a unit that is due; the others are delivered already. Does not wait: what a
   * send failed with is thrown by the commit.
   */
  @SuppressWarnings("FutureReturnValueIgnored")
  private static void sendDue(
      KafkaProducer<byte[], byte[]> producer, Set<Integer> due, UnitRecord row) {
    if (due.contains(row.unit())) {
      producer.send(row.record());
    }
  }

  /** Makes the records of one unit from its rows: the key, then the value. */
  record Records(String topic, String output)
      implements Function2<Integer, Iterator<InternalRow>, Iterator<UnitRecord>>, Serializable {

    @Override
    public Iterator<UnitRecord> call(Integer unit, Iterator<InternalRow> rows) {
      List<Header> headers = List.of(new RecordHeader(OUTPUT_HEADER, bytes(output)));
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return rows.hasNext();
        }

        @Override
        public UnitRecord next() {
          return new UnitRecord(unit, record(rows.next(), headers));
        }
      };
    }

    private ProducerRecord<byte[], byte[]> record(InternalRow row, List<Header> headers) {
      byte[] key = row.isNullAt(0) ? null : row.getBinary(0);
      byte[] value = row.isNullAt(1) ? null : row.getBinary(1);
      return new ProducerRecord<>(topic, null, key, value, headers);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
