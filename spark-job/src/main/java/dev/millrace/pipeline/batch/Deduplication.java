package dev.millrace.pipeline.batch;

import dev.millrace.event.DecodeMetrics;
import dev.millrace.event.SourceRange;
import dev.millrace.pipeline.batch.FirstDeliveries.Version;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Batch.Scan;
import dev.millrace.sink.PlannedRows;
import dev.millrace.state.StateStores;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;

/**
 * Leaves changes out of the batches of one query that were delivered to it before. Driver only.
 *
 * <p>Each partition of the topic is compared with itself, in the task that reads it: nothing is
 * shuffled, and sinks still know which messages a task's rows stem from. What is remembered is
 * committed before the query sees the batch; a batch that runs again reads the same version of it,
 * and leaves out the same changes.
 */
public final class Deduplication {

  private static final String NAME = "deduplicate";

  private final List<String> tableKey;
  private final Duration window;
  private final StateStores stores;
  private final Versions versions;
  private final LongAccumulator unknown;

  /** The columns of the decoded rows, which all batches have. */
  private StructType columns;

  /** Which version of what is remembered a batch reads. */
  @FunctionalInterface
  public interface Versions {

    /** The version of each of these partitions; the same when the batch runs again. */
    Map<TopicPartition, Long> enter(long batchId, Set<TopicPartition> partitions);
  }

  /**
   * The deduplication of one query.
   *
   * @param tableKey the columns of the table's key; may be empty
   * @param window of the source's time within which a repeated change is recognised
   * @param stores a store for each topic
   */
  public Deduplication(
      SparkSession session,
      List<String> tableKey,
      Duration window,
      StateStores stores,
      Versions versions) {
    this.tableKey = List.copyOf(tableKey);
    this.window = window;
    this.stores = stores;
    this.versions = versions;
    this.unknown = session.sparkContext().longAccumulator();
  }

  /** The columns that have to be decoded for a query. */
  public Set<String> columns(Set<String> ofQuery) {
    Set<String> all = new HashSet<>(ofQuery);
    all.addAll(ChangeIdentity.columns(tableKey));
    return all;
  }

  /**
   * A batch without what was delivered before.
   *
   * @param read with {@link #columns}, to be read once
   * @param batch which it is; its rows are not asked for
   * @param scan the plan that decodes the batches of the query, if it is one
   */
  public DeduplicatedBatch of(
      SparkSession session, DecodedBatch read, Batch batch, Optional<Scan> scan)
      throws InterruptedException {
    if (columns == null) {
      columns = read.rows().schema();
    }
    unknown.reset();
    PlannedRows decoded = batch.with(read::rows, scan).planned(UnaryOperator.identity());
    FirstDeliveries first =
        new FirstDeliveries(
            stores,
            new ChangeIdentity(columns, tableKey),
            TimeUnit.MILLISECONDS.toMicros(window.toMillis()),
            versions(batch, decoded.rdd()),
            unknown);
    JavaRDD<InternalRow> rows =
        decoded
            .rdd()
            .toJavaRDD()
            .mapPartitionsWithIndex(first, true)
            .persist(StorageLevel.MEMORY_AND_DISK());
    long count;
    try {
      count = decoded.run(NAME, ignored -> rows.count());
    } catch (RuntimeException e) {
      rows.unpersist(false);
      throw e;
    }
    return new DeduplicatedBatch(
        read, read.metrics(true), session, columns, rows, count, unknown.value());
  }

  private List<Version> versions(Batch batch, RDD<InternalRow> decoded) {
    List<SourceRange> ranges =
        batch
            .sourceRanges()
            .apply(decoded)
            .orElseThrow(() -> new IllegalStateException("a task has no partition of its own"));
    Map<TopicPartition, Long> entered =
        versions.enter(
            batch.id(), ranges.stream().map(Deduplication::partition).collect(Collectors.toSet()));
    return ranges.stream()
        .map(range -> new Version(range.topic(), range.partition(), entered.get(partition(range))))
        .toList();
  }

  private static TopicPartition partition(SourceRange range) {
    return new TopicPartition(range.topic(), range.partition());
  }

  /**
   * A batch whose rows are kept until it is closed.
   *
   * @param first its rows, each change once
   * @param firstCount how many there are
   * @param unknown how many of them can't be told from others
   */
  public record DeduplicatedBatch(
      DecodedBatch read,
      DecodeMetrics metrics,
      SparkSession session,
      StructType columns,
      JavaRDD<InternalRow> first,
      long firstCount,
      long unknown)
      implements DecodedBatch {

    /** What a plan over {@link #rows} scans. */
    public RDD<InternalRow> scanned() {
      return first.rdd();
    }

    /** How many changes were left out. */
    public long repeated() {
      return metrics.counts().changes() - firstCount;
    }

    @Override
    public Dataset<Row> rows() {
      return session.internalCreateDataFrame(first.rdd(), columns, false);
    }

    /** {@inheritDoc} Those that were left out are among the changes. */
    @Override
    public DecodeMetrics metrics(boolean wasRead) {
      return metrics;
    }

    @Override
    public Dataset<Row> deadLetters(UnaryOperator<Dataset<Row>> complete) {
      return read.deadLetters(complete);
    }

    /** What it was made of is closed by its owner. */
    @Override
    public void close() {
      first.unpersist(false);
    }
  }
}
