package dev.millrace.event;

import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/**
 * The columns that every relation {@code changes} has in addition to the table's own.
 *
 * <p>({@link #TOPIC}, {@link #PARTITION}, {@link #OFFSET}) is the identity of a change. {@link
 * #LSN} orders the changes of one key; across keys its order means nothing.
 */
public final class ChangeColumns {

  /** Debezium's operation code: {@code c}, {@code u}, {@code d}, {@code r} or {@code t}. */
  public static final String OP = "op";

  /** Position in Postgres' write-ahead log; null where the connector does not send it. */
  public static final String LSN = "lsn";

  /** Transaction in Postgres; null where the connector does not send it. */
  public static final String TX_ID = "tx_id";

  /** When the change was made in Postgres, to the millisecond; null where it is not sent. */
  public static final String SOURCE_TS = "source_ts";

  /** Debezium's snapshot marker as sent; null for a streamed change. */
  public static final String SNAPSHOT = "snapshot";

  /**
   * Names of the table's columns whose values Postgres did not send, as an update had not touched
   * them and they are stored apart (TOAST): they are null in the row and their old values stand. A
   * sink that merges rows leaves them as they are. Null where every value was sent.
   *
   * <pre>
   *   UPDATE rides SET fare = 20 WHERE id = 7     (notes holds 10 kB of text)
   *
   *   in Kafka     {"id":7,"fare":20,"notes":"__debezium_unavailable_value","__op":"u"}
   *   in changes   id 7, fare 20, notes null, op u, unchanged [notes]
   * </pre>
   */
  public static final String UNCHANGED = "unchanged";

  /**
   * Names of the columns among {@link #UNCHANGED} whose field holds Debezium's placeholder:
   * Postgres did not send a value that the row has. The others are those that the message lacks,
   * which a new row has no value in. Null where there are none. Only the state of a table asks for
   * it, so it is none of {@link #DECODED}.
   */
  public static final String PLACEHOLDERS = "__placeholders";

  /**
   * The message's key as it is in Kafka, binary; null where it has none. Only what recognises
   * repeated changes asks for it, so it is none of {@link #DECODED}.
   */
  public static final String MESSAGE_KEY = "__message_key";

  /**
   * The row as it was before the change: the table's columns, typed. From an envelope's {@code
   * before}; null for an inserted or snapshot row, a truncate, every unwrapped message, and where
   * the table's replica identity leaves Postgres without it. Only a table that asks for it has it.
   *
   * <pre>
   *   in Kafka     {"before":{"id":7,"fare":18},"after":{"id":7,"fare":20},"op":"u"}
   *   in changes   id 7, fare 20, op u, before {id 7, fare 18}
   * </pre>
   *
   * <p>Its type depends on the table, so it is none of {@link #DECODED}. A value of it that
   * Postgres did not send is null.
   */
  public static final String BEFORE = "before";

  /** The Kafka topic that holds the change. */
  public static final String TOPIC = "topic";

  /** The partition of {@link #TOPIC}. */
  public static final String PARTITION = "partition";

  /** The offset in {@link #PARTITION}. Offsets are not contiguous: transactions leave markers. */
  public static final String OFFSET = "offset";

  /** What the decoder reads from the message. */
  public static final List<StructField> DECODED =
      List.of(
          DataTypes.createStructField(OP, DataTypes.StringType, true),
          DataTypes.createStructField(LSN, DataTypes.LongType, true),
          DataTypes.createStructField(TX_ID, DataTypes.LongType, true),
          DataTypes.createStructField(SOURCE_TS, DataTypes.TimestampType, true),
          DataTypes.createStructField(SNAPSHOT, DataTypes.StringType, true),
          DataTypes.createStructField(
              UNCHANGED, DataTypes.createArrayType(DataTypes.StringType, false), true));

  /** What the source knows of the message. */
  public static final List<StructField> POSITION =
      List.of(
          DataTypes.createStructField(TOPIC, DataTypes.StringType, true),
          DataTypes.createStructField(PARTITION, DataTypes.IntegerType, true),
          DataTypes.createStructField(OFFSET, DataTypes.LongType, true));

  private ChangeColumns() {}
}
