package dev.millrace.pipeline.batch;

import dev.millrace.config.SourceDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.decode.Decode;
import dev.millrace.decode.DecodeTally;
import dev.millrace.decode.MessageForm;
import dev.millrace.event.ChangeColumns;
import dev.millrace.event.DecodeMetrics;
import dev.millrace.event.MessageColumns;
import dev.millrace.event.RawColumns;
import dev.millrace.observe.ProgressReporter;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.storage.StorageLevel;

/** Messages as bytes. */
public record MessageBatchDecoder(MessageForm form, TableDefinition table, SourceDefinition source)
    implements BatchDecoder {

  @Override
  public DecodedBatch decode(Dataset<Row> raw, Set<String> columns, boolean isReadOnce) {
    return isReadOnce
        ? new Counted(() -> raw, columns, DecodeTally.in(raw.sparkSession().sparkContext()))
        : new Kept(raw, columns);
  }

  @Override
  public Dataset<Row> stream(Dataset<Row> raw, Set<String> columns) {
    return rows(Decode.counted(decoded(raw, columns), ProgressReporter.DECODE), columns);
  }

  private Dataset<Row> decoded(Dataset<Row> raw, Set<String> columns) {
    return withoutBytes(Decode.messages(raw, form, table, ofMessage(columns)), columns);
  }

  private Dataset<Row> withoutBytes(Dataset<Row> messages, Set<String> columns) {
    return Decode.withoutBytes(
        columns.contains(ChangeColumns.MESSAGE_KEY)
            ? messages.withColumn(ChangeColumns.MESSAGE_KEY, functions.col(RawColumns.KEY))
            : messages,
        position(columns));
  }

  /** The columns that are in the message's value. */
  private static Set<String> ofMessage(Set<String> columns) {
    Set<String> decoded = new HashSet<>(columns);
    decoded.remove(ChangeColumns.MESSAGE_KEY);
    return decoded;
  }

  private Dataset<Row> rows(Dataset<Row> decoded, Set<String> columns) {
    Dataset<Row> changes =
        Decode.changes(decoded, position(columns), source.identity(), table.onError());
    boolean hasTime = List.of(changes.columns()).contains(ChangeColumns.SOURCE_TS);
    // Of a message that is not a change, Kafka alone knows when it was written.
    return form.isKeyed() && hasTime
        ? changes.withColumn(
            ChangeColumns.SOURCE_TS, functions.col(MessageColumns.MESSAGE_TIMESTAMP))
        : changes;
  }

  private List<String> position(Set<String> columns) {
    return Stream.concat(
            source.positionColumns().stream().map(StructField::name),
            Stream.of(ChangeColumns.MESSAGE_KEY).filter(columns::contains))
        .toList();
  }

  private Dataset<Row> deadLetters(Dataset<Row> raw) {
    return Decode.deadLetters(Decode.messages(raw, form, table, Set.of()))
        .drop(MessageColumns.MESSAGE_TIMESTAMP);
  }

  /** Counted by the decoder itself. */
  private final class Counted implements DecodedBatch {

    private final Supplier<Dataset<Row>> raw;
    private final Set<String> columns;
    private final DecodeTally tally;

    Counted(Supplier<Dataset<Row>> raw, Set<String> columns, DecodeTally tally) {
      this.raw = raw;
      this.columns = columns;
      this.tally = tally;
    }

    @Override
    public Dataset<Row> rows() {
      return MessageBatchDecoder.this.rows(
          withoutBytes(Decode.messages(raw.get(), form, table, ofMessage(columns), tally), columns),
          columns);
    }

    @Override
    public Optional<DecodedBatch> next(Supplier<Dataset<Row>> nextRaw) {
      tally.reset();
      return Optional.of(new Counted(nextRaw, columns, tally));
    }

    /** {@inheritDoc} Where nothing was counted, nothing of the query was left to evaluate. */
    @Override
    public DecodeMetrics metrics(boolean wasRead) {
      return wasRead && !tally.isZero()
          ? tally.value()
          : DecodeMetrics.of(Decode.metrics(decoded(raw.get(), columns)));
    }

    @Override
    public Dataset<Row> deadLetters(UnaryOperator<Dataset<Row>> complete) {
      return MessageBatchDecoder.this.deadLetters(complete.apply(raw.get()));
    }

    @Override
    public void close() {}
  }

  /** Decoded once, however often the query reads it. */
  private final class Kept implements DecodedBatch {

    private final Dataset<Row> raw;
    private final Set<String> columns;
    private final Dataset<Row> decoded;

    Kept(Dataset<Row> raw, Set<String> columns) {
      this.raw = raw;
      this.columns = columns;
      this.decoded = decoded(raw, columns).persist(StorageLevel.MEMORY_AND_DISK());
    }

    @Override
    public Dataset<Row> rows() {
      return MessageBatchDecoder.this.rows(decoded, columns);
    }

    @Override
    public DecodeMetrics metrics(boolean wasRead) {
      return DecodeMetrics.of(Decode.metrics(decoded));
    }

    @Override
    public Dataset<Row> deadLetters(UnaryOperator<Dataset<Row>> complete) {
      return MessageBatchDecoder.this.deadLetters(complete.apply(raw));
    }

    @Override
    public void close() {
      decoded.unpersist();
    }
  }
}
