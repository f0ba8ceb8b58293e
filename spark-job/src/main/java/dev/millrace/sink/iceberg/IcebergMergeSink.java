package dev.millrace.sink.iceberg;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition.IcebergSink;
import dev.millrace.error.IcebergErrors;
import dev.millrace.error.SinkErrors;
import dev.millrace.sink.Batch;
import dev.millrace.sink.RunName;
import dev.millrace.sink.Sink;
import dev.millrace.sink.SinkContext;
import dev.millrace.sink.StorageLimit;
import dev.millrace.sink.TableChange;
import dev.millrace.sql.Columns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.SerializableTable;
import org.apache.iceberg.Table;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A table of Iceberg that is a copy of the result, or the rows that an output has added.
 *
 * <p>A batch is one snapshot, with the {@link BatchMark} that tells how far the table is: so any
 * reader sees whole batches, and a batch that the mark covers is not delivered again. Nothing of
 * the table is read: rows that are replaced or gone are deleted by their key, which readers apply.
 *
 * <pre>
 *   tasks     a few rows: to the driver; many: files of rows and of keys to delete
 *   driver    files of what is at hand
 *             a snapshot of all files, made from the newest one if that has batch 6 of this run
 * </pre>
 *
 * <p>A start of the sink adds a snapshot of its own without files: from then on earlier runs can't
 * commit.
 */
final class IcebergMergeSink implements Sink {

  private final OutputDefinition output;
  private final IcebergSink definition;
  private final SinkContext context;
  private final boolean isView;
  private final UUID run = UUID.randomUUID();
  private final CatalogRequests requests;
  private String queryId;
  private long firstBatch;
  private IcebergPlan plan;
  private OpenCatalog catalog;
  private Table table;

  /** The last batch that is stored, of this run. */
  private BatchMark mark;

  /** Whether the next batch is the whole result, and the table may have rows of an earlier one. */
  private boolean replacesAll;

  /**
   * @param isView whether the rows are those that changed in a view
   */
  IcebergMergeSink(OutputDefinition output, SinkContext context, boolean isView) {
    this.output = output;
    this.definition = (IcebergSink) output.sink();
    this.context = context;
    this.isView = isView;
    this.requests = new CatalogRequests(definition, context.progress()::say);
  }

  @Override
  public void begin(String id, long first) {
    queryId = id;
    firstBatch = first;
  }

  @Override
  public void prepare(StructType result) throws InterruptedException {
    plan = IcebergPlan.of(output, result, isView);
    TargetTable target = new TargetTable(definition, plan, output.name());
    catalog = requests.answered(() -> OpenCatalog.open(definition, context.hadoop()));
    TargetTable.Prepared prepared = requests.answered(() -> target.prepare(catalog, firstBatch));
    table = prepared.table();
    mark =
        requests.answered(
            () -> {
              Optional<BatchMark> claimed = Optional.empty();
              while (claimed.isEmpty()) {
                claimed = claimed(prepared.isNew());
              }
              return claimed.get();
            });
    replacesAll = isView && firstBatch == 0;
  }

  /** Empty where another run was quicker. */
  private Optional<BatchMark> claimed(boolean isNew) {
    table.refresh();
    Optional<BatchMark> found = BatchMark.of(table);
    found.ifPresentOrElse(this::requireOwn, () -> requireEmpty(isNew));
    BatchMark own =
        new BatchMark(
            context.pipeline(),
            output.name(),
            queryId,
            RunName.of(run),
            found.map(BatchMark::batch).orElse(-1L));
    boolean isDone = BatchCommit.ofMark(table, own, found::equals).isDone();
    return isDone ? Optional.of(own) : Optional.empty();
  }

  private void requireOwn(BatchMark found) {
    if (!found.checkpoint().equals(queryId) || !found.output().equals(output.name())) {
      throw SinkErrors.foreignTable(
          "iceberg",
          definition.place(),
          found.pipeline(),
          found.output(),
          found.checkpoint(),
          queryId);
    }
    if (found.batch() < firstBatch - 1) {
      throw IcebergErrors.missedBatches(definition.place(), found.batch(), firstBatch);
    }
  }

  private void requireEmpty(boolean isNew) {
    if (firstBatch > 0) {
      throw IcebergErrors.lostMark(definition.place(), firstBatch);
    }
    if (!isNew && hasFiles()) {
      throw IcebergErrors.foreignRows(definition.place(), definition.identifier());
    }
  }

  private boolean hasFiles() {
    try (CloseableIterable<FileScanTask> files = table.newScan().planFiles()) {
      return files.iterator().hasNext();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public List<StorageLimit> limits(StructType result) {
    List<StorageLimit> limits = new ArrayList<>();
    Column isWritten =
        plan.hasOperation()
            ? Columns.named(plan.rows().fields()[0].name()).notEqual("d")
            : functions.lit(true);
    for (StructField field : plan.stored()) {
      if (field.nullable() && table.schema().asStruct().field(field.name()).isRequired()) {
        Column isNull = Columns.named(field.name()).isNull();
        limits.add(
            new StorageLimit(
                plan.key().contains(field.name()) ? isNull : isWritten.and(isNull),
                field.name(),
                IcebergErrors.requiredValue(field.name())));
      }
    }
    return limits;
  }

  @Override
  public Delivery deliver(Batch batch) throws InterruptedException {
    boolean isWhole = replacesAll;
    replacesAll = false;
    if (batch.id() <= mark.batch()) {
      return Delivery.WAS_DELIVERED;
    }
    // Others may have changed its columns or its partitions.
    requests.answered(
        () -> {
          table.refresh();
          return table;
        });
    IcebergPlan batchPlan = isWhole ? plan.replacingAll() : plan;
    commit(
        written(batch, batchPlan), batchPlan.change(), mark.at(batch.id()), batch.position().get());
    mark = mark.at(batch.id());
    return Delivery.DELIVERED;
  }

  private WrittenFiles written(Batch batch, IcebergPlan batchPlan) {
    String operation = run + "-" + batch.id();
    StructType type = batchPlan.convertedType(table);
    WriteRows write = new WriteRows(SerializableTable.copyOf(table), batchPlan, type, operation);
    List<TaskRows> rows =
        batch
            .planned(dataset -> plan.converted(dataset, table))
            .run("iceberg", planned -> planned.mapPartitions(write).collect());
    List<WrittenFiles> files = new ArrayList<>(rows.stream().map(TaskRows::files).toList());
    if (rows.stream().anyMatch(TaskRows::hasRowsOfOneKey)) {
      discard(WrittenFiles.of(files));
      throw IcebergErrors.rowsOfOneKey(definition.place(), plan.key());
    }
    try (RowFiles own = new RowFiles(table, batchPlan, type, 0, 0, operation + "-driver")) {
      for (TaskRows each : rows) {
        WriteRows.addAll(own, each.atHand(), type.length());
      }
      files.add(own.result());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return WrittenFiles.of(files);
  }

  private void commit(
      WrittenFiles files, TableChange change, BatchMark next, Optional<String> position)
      throws InterruptedException {
    AtomicInteger attempts = new AtomicInteger();
    Optional<BatchMark> before = Optional.of(mark);
    BatchCommit.Outcome outcome =
        requests.answered(
            () -> {
              attempts.incrementAndGet();
              return BatchCommit.of(table, change, files, next, position, before::equals);
            });
    Optional<BatchMark> found = outcome.found();
    if (outcome.isDone() || found.equals(Optional.of(next))) {
      // Its own mark: an earlier attempt, whose end was in doubt, had succeeded.
      return;
    }
    if (attempts.get() == 1) {
      // Of an attempt in doubt they may be in the table.
      discard(files);
    }
    if (found.isEmpty()) {
      throw IcebergErrors.markDeleted(definition.place(), next.batch());
    }
    throw isOwn(found.get())
        ? IcebergErrors.rolledBack(definition.place(), found.get().batch(), next.batch())
        : SinkErrors.overtaken(definition.place(), found.get().owner(), next.batch());
  }

  private boolean isOwn(BatchMark found) {
    return found.owner().equals(mark.owner());
  }

  private void discard(WrittenFiles files) {
    files.locations().forEach(table.io()::deleteFile);
  }

  @Override
  public void close() {
    if (catalog != null) {
      try {
        catalog.close();
      } catch (IOException e) {
        context.progress().say(IcebergErrors.closedUncleanly(definition.catalog().place(), e));
      }
    }
  }
}
