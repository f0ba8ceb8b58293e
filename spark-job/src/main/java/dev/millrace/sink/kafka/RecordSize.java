package dev.millrace.sink.kafka;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.SimpleRecord;
import org.apache.spark.sql.api.java.UDF2;

/**
 * The bytes that a record of a key and a value has where it is the only one of its batch, as a
 * topic's {@code max.message.bytes} counts them: compressed, with the batch's header. Executor
 * only.
 *
 * @param compression the producer's {@code compression.type}
 * @param output named in the record's header
 */
record RecordSize(String compression, String output) implements UDF2<byte[], byte[], Integer> {

  @Override
  public Integer call(byte[] key, byte[] value) {
    Header[] headers = {
      new RecordHeader(TransactionalWrite.OUTPUT_HEADER, output.getBytes(StandardCharsets.UTF_8))
    };
    return MemoryRecords.withRecords(
            CompressionType.forName(compression),
            new SimpleRecord(System.currentTimeMillis(), key, value, headers))
        .sizeInBytes();
  }
}
