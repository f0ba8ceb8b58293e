package dev.millrace.sink.iceberg;

import dev.millrace.sink.TableChange;
import java.util.Optional;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotAncestryValidator;
import org.apache.iceberg.SnapshotUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.expressions.Expressions;

/**
 * One snapshot with a mark, made if the mark that the table has then allows it. Driver only; for
 * one commit.
 *
 * <p>What is looked at is what the snapshot is made from: the catalog takes it only if the table is
 * still the one that was looked at, and otherwise all is done again with the newer table. So a run
 * that was stopped between a look and its commit finds, whenever it continues, what happened
 * meanwhile.
 *
 * <p>The marks of the snapshots' summaries are what is compared; a service compares snapshots, and
 * not properties.
 */
final class BatchCommit implements SnapshotAncestryValidator {

  /** Decides by the mark of the table, empty for none, whether a commit may follow it. */
  interface Condition {
    boolean allows(Optional<BatchMark> found);
  }

  private final Transaction transaction;
  private final Condition condition;

  /** What the last attempt was made from. */
  private Optional<BatchMark> found = Optional.empty();

  private boolean isRefused;
  private int looks;

  private BatchCommit(Table table, Condition condition) {
    this.transaction = table.newTransaction();
    this.condition = condition;
  }

  /**
   * The result of a commit.
   *
   * @param isDone false where the condition did not allow it
   * @param found the mark that the table had before
   */
  record Outcome(boolean isDone, Optional<BatchMark> found) {}

  /** Adds the mark and nothing else. */
  static Outcome ofMark(Table table, BatchMark mark, Condition condition) {
    BatchCommit commit = new BatchCommit(table, condition);
    return commit.made(commit.transaction.newAppend(), mark);
  }

  /**
   * Adds a batch.
   *
   * @param change what the files are to the rows that are there
   * @param mark of the batch
   * @param position where the batch ends in its source, for the snapshot's summary alone
   */
  static Outcome of(
      Table table,
      TableChange change,
      WrittenFiles files,
      BatchMark mark,
      Optional<String> position,
      Condition condition) {
    BatchCommit commit = new BatchCommit(table, condition);
    SnapshotUpdate<?> update =
        switch (change) {
          case APPEND -> commit.append(files);
          case MERGE -> commit.merge(files);
          case ONE_ROW -> files.rows().isEmpty() ? commit.append(files) : commit.replace(files);
          case REPLACE -> commit.replace(files);
        };
    position.ifPresent(end -> update.set(BatchMark.POSITION, end));
    return commit.made(update, mark);
  }

  private AppendFiles append(WrittenFiles files) {
    AppendFiles append = transaction.newAppend();
    files.rows().forEach(append::appendFile);
    return append;
  }

  private RowDelta merge(WrittenFiles files) {
    RowDelta delta = transaction.newRowDelta();
    files.rows().forEach(delta::addRows);
    files.deletes().forEach(delta::addDeletes);
    return delta;
  }

  private OverwriteFiles replace(WrittenFiles files) {
    OverwriteFiles overwrite =
        transaction.newOverwrite().overwriteByRowFilter(Expressions.alwaysTrue());
    files.rows().forEach(overwrite::addFile);
    return overwrite;
  }

  private Outcome made(SnapshotUpdate<?> update, BatchMark mark) {
    mark.properties().forEach(update::set);
    update.validateWith(this);
    try {
      update.commit();
      // After the snapshot: the condition looks at the properties that were there before.
      UpdateProperties properties = transaction.updateProperties();
      mark.properties().forEach(properties::set);
      properties.commit();
      transaction.commitTransaction();
      return new Outcome(true, found);
    } catch (ValidationException e) {
      if (!isRefused) {
        throw e;
      }
      return new Outcome(false, found);
    }
  }

  @Override
  public boolean validate(Iterable<Snapshot> ancestors) {
    found = BatchMark.newest(ancestors, transaction.table().properties());
    isRefused = !condition.allows(found);
    looks++;
    if (isRefused && looks > 1) {
      // It may be the commit that was reported as failed that is in the way: Iceberg would delete
      // its files, as those of a commit that is refused. Another attempt looks what is there.
      throw new CommitStateUnknownException(
          new IllegalStateException("the table has another mark than before the first attempt"));
    }
    return !isRefused;
  }
}
