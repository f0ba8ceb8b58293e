package dev.millrace.source;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.event.ChangeColumns;
import dev.millrace.event.RawColumns;
import java.sql.Timestamp;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Messages that a client has read, in the columns that the source's stream has. Driver only. */
public final class MessageRows {

  private static final StructType COLUMNS =
      new StructType()
          .add(RawColumns.KEY, DataTypes.BinaryType)
          .add(RawColumns.VALUE, DataTypes.BinaryType)
          .add(RawColumns.TIMESTAMP, DataTypes.TimestampType)
          .add(ChangeColumns.TOPIC, DataTypes.StringType)
          .add(ChangeColumns.PARTITION, DataTypes.IntegerType)
          .add(ChangeColumns.OFFSET, DataTypes.LongType);

  private MessageRows() {}

  /** A row for each message, in their order and in one partition; headers are left out. */
  public static Dataset<Row> of(
      SparkSession session,
      KafkaSourceDefinition source,
      List<ConsumerRecord<byte[], byte[]>> messages) {
    List<Row> rows = messages.stream().map(MessageRows::row).toList();
    return session
        .createDataFrame(rows, COLUMNS)
        .coalesce(1)
        .select(KafkaSource.columns(source.format()).toArray(Column[]::new));
  }

  private static Row row(ConsumerRecord<byte[], byte[]> message) {
    return RowFactory.create(
        message.key(),
        message.value(),
        new Timestamp(message.timestamp()),
        message.topic(),
        message.partition(),
        message.offset());
  }
}
