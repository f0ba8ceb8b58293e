package dev.millrace.decode;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.raise_error;
import static org.apache.spark.sql.functions.when;

import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.error.FileErrors;
import dev.millrace.error.RunErrors;
import dev.millrace.event.ChangeColumns;
import dev.millrace.event.DecodeCounts;
import dev.millrace.event.RawColumns;
import dev.millrace.event.UnknownFields;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.functions;

/**
 * From messages to changes. Used on the driver; nothing here reads anything.
 *
 * <pre>
 *   raw                  key, value, topic, partition, offset, ...
 *   messages(raw, ..)    the same and `decoded`: {outcome, error {code, column, message}, row {..},
 *                        unknown}
 *   changes(messages)    the row's columns and the message's position; of each change
 *   deadLetters(messages)the raw columns and code, column, message; of each rejected message
 * </pre>
 *
 * <p>A message is read once, however many columns, filters and counts use the result, as long as
 * they are all part of one query over {@link #messages}.
 */
public final class Decode {

  /** The struct that {@link #messages} adds. */
  public static final String DECODED = "decoded";

  private Decode() {}

  /**
   * One struct for each message.
   *
   * <pre>
   *   outcome  string, not null
   *   error    struct of code, column, message (strings); the column is null where the message as a
   *            whole is concerned
   *   row      struct of the needed columns: the table's in declared order, then those of
   *            {@link ChangeColumns#DECODED}, then {@link ChangeColumns#BEFORE}; each may be null
   * unknown  array of strings
   * </pre>
   *
   * @param key the message's key, binary
   * @param value the message's value, binary
   * @param neededColumns see {@link MessageDecoder#MessageDecoder}
   */
  public static Column column(
      Column key,
      Column value,
      MessageForm form,
      TableDefinition table,
      Set<String> neededColumns) {
    return column(new MessageDecoder(form, table, neededColumns), key, value, null);
  }

  private static Column column(
      MessageDecoder decoder, Column key, Column value, DecodeTally tally) {
    return new Column(new DecodeMessage(key.expr(), value.expr(), decoder, tally));
  }

  /** The source's columns and {@link #DECODED}, for every message. */
  public static Dataset<Row> messages(
      Dataset<Row> raw, MessageForm form, TableDefinition table, Set<String> neededColumns) {
    return raw.withColumn(
        DECODED, column(col(RawColumns.KEY), col(RawColumns.VALUE), form, table, neededColumns));
  }

  /** The same, counted by a tally, for an action that decodes each message once. */
  public static Dataset<Row> messages(
      Dataset<Row> raw,
      MessageForm form,
      TableDefinition table,
      Set<String> neededColumns,
      DecodeTally tally) {
    MessageDecoder decoder = new MessageDecoder(form, table, neededColumns);
    return raw.withColumn(
        DECODED, column(decoder, col(RawColumns.KEY), col(RawColumns.VALUE), tally));
  }

  /**
   * The rows of the relation: the needed columns, then those of the message's position.
   *
   * @param position names of the raw columns that say where a message is
   * @param identity those of them that a failing query names
   * @param onError with {@link OnError#FAIL} a rejected message ends the query, and the error names
   *     its place
   */
  public static Dataset<Row> changes(
      Dataset<Row> messages, List<String> position, List<String> identity, OnError onError) {
    return messages
        .where(onError == OnError.FAIL ? isChangeElseFail(identity) : isOutcome(Outcome.CHANGE))
        .select(
            Stream.concat(
                    Stream.of(col(DECODED + "." + Outcome.ROW + ".*")),
                    position.stream().map(functions::col))
                .toArray(Column[]::new));
  }

  /** The rejected messages: the source's columns, then code, column and message of the error. */
  public static Dataset<Row> deadLetters(Dataset<Row> messages) {
    return messages
        .where(isOutcome(Outcome.REJECTED))
        .select(col("*"), col(DECODED + "." + Outcome.ERROR + ".*"))
        .drop(DECODED);
  }

  /**
   * Decoded messages without their bytes: all that {@link #changes} and {@link #metrics} need.
   *
   * @param position names of the raw columns that say where a message is
   */
  public static Dataset<Row> withoutBytes(Dataset<Row> messages, List<String> position) {
    return messages.select(
        Stream.concat(Stream.of(col(DECODED)), position.stream().map(functions::col))
            .toArray(Column[]::new));
  }

  /**
   * The same metrics as {@link #counted} gives, by an action of its own, so nothing is counted
   * twice.
   */
  public static Row metrics(Dataset<Row> messages) {
    return messages
        .agg(countOf(Outcome.CHANGE, DecodeCounts.CHANGES), otherMetrics())
        .collectAsList()
        .get(0);
  }

  /**
   * Decoded messages of a stream, whose progress reports the counts under {@code name}, and the
   * names of the fields that the table does not declare; see {@link DecodeCounts} and {@link
   * UnknownFields}.
   */
  public static Dataset<Row> counted(Dataset<Row> messages, String name) {
    return messages.observe(name, countOf(Outcome.CHANGE, DecodeCounts.CHANGES), otherMetrics());
  }

  /**
   * Why one message, decoded by {@link MessageDecoder#newStrictReader}, can't be taken; null where
   * it can.
   */
  public static String fault(InternalRow decoded) {
    if (!decoded.isNullAt(3)) {
      return FileErrors.unknownField(decoded.getArray(3).getUTF8String(0).toString());
    }
    return decoded.isNullAt(1) ? null : decoded.getStruct(1, 3).getUTF8String(2).toString();
  }

  /** The row of one decoded message; null where it is not a change. */
  public static InternalRow row(InternalRow decoded) {
    return decoded.getStruct(2, 0);
  }

  private static Column[] otherMetrics() {
    return new Column[] {
      countOf(Outcome.REJECTED, DecodeCounts.REJECTED),
      countOf(Outcome.SKIPPED, DecodeCounts.SKIPPED),
      new Column(
              new CollectNames(col(DECODED + "." + Outcome.UNKNOWN).expr()).toAggregateExpression())
          .as(UnknownFields.NAME)
    };
  }

  private static Column countOf(String outcome, String name) {
    return count(when(isOutcome(outcome), lit(1))).as(name);
  }

  private static Column isOutcome(String outcome) {
    return col(DECODED + "." + Outcome.OUTCOME).equalTo(lit(outcome));
  }

  private static Column isChangeElseFail(List<String> identity) {
    Column place =
        concat_ws(
            " ",
            identity.stream()
                .flatMap(name -> Stream.of(lit(name), col(name)))
                .toArray(Column[]::new));
    Column reason =
        concat(
            lit(RunErrors.STOPPED_AT),
            place,
            lit(": "),
            col(DECODED + "." + Outcome.ERROR + ".message"));
    return when(isOutcome(Outcome.REJECTED), raise_error(reason).cast("boolean"))
        .otherwise(isOutcome(Outcome.CHANGE));
  }
}
