package dev.millrace.benchmark.latency;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.Table;
import org.apache.iceberg.hadoop.HadoopTables;

/** Looks for snapshots that are new and reads the files that each has added. */
final class IcebergObserver extends Observer {

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final String folder;
  private final HadoopTables tables = new HadoopTables(new Configuration());
  private Table table;
  private ParquetIds files;
  private Long newest;

  /**
   * @param folder of the table, in the warehouse of a catalog {@code hadoop}
   */
  IcebergObserver(String folder) {
    super("reader of " + folder);
    this.folder = folder;
  }

  @Override
  void look(Times wanted) throws IOException {
    if (table == null && tables.exists(folder)) {
      table = tables.load(folder);
      files = new ParquetIds(table.schema().findField("id").isRequired());
    }
    if (table != null) {
      table.refresh();
      long now = System.nanoTime();
      for (Snapshot snapshot : unseen()) {
        SnapshotChanges changes = SnapshotChanges.builderFor(table).snapshot(snapshot).build();
        for (DataFile file : changes.addedDataFiles()) {
          files.read(new Path(file.location()), id -> seen(id, now));
        }
      }
    }
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  /** The snapshots after the one that was looked at last, the oldest first. */
  private Deque<Snapshot> unseen() {
    Deque<Snapshot> unseen = new ArrayDeque<>();
    Snapshot snapshot = table.currentSnapshot();
    while (snapshot != null && !Long.valueOf(snapshot.snapshotId()).equals(newest)) {
      unseen.addFirst(snapshot);
      Long parent = snapshot.parentId();
      snapshot = parent == null ? null : table.snapshot(parent);
    }
    if (!unseen.isEmpty()) {
      newest = unseen.getLast().snapshotId();
    }
    return unseen;
  }

  @Override
  void release() {}
}
