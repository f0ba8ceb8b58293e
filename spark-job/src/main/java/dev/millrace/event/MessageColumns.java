package dev.millrace.event;

import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/**
 * The columns of the relation {@code messages} in addition to those of a table: Kafka, not
 * Debezium.
 */
public final class MessageColumns {

  /** The message's key as text; null where it has none. */
  public static final String KEY = RawColumns.KEY;

  /** The message's value as text; null for a tombstone. */
  public static final String VALUE = RawColumns.VALUE;

  /** When the message was written to Kafka. */
  public static final String MESSAGE_TIMESTAMP = "message_timestamp";

  /** Of messages that are not decoded. */
  public static final List<StructField> RAW =
      List.of(
          DataTypes.createStructField(KEY, DataTypes.StringType, true),
          DataTypes.createStructField(VALUE, DataTypes.StringType, true));

  /** What the source knows of the message. */
  public static final List<StructField> POSITION =
      Stream.concat(
              ChangeColumns.POSITION.stream(),
              Stream.of(
                  DataTypes.createStructField(MESSAGE_TIMESTAMP, DataTypes.TimestampType, true)))
          .toList();

  private MessageColumns() {}
}
