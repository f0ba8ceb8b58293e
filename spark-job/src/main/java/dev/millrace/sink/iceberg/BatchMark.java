package dev.millrace.sink.iceberg;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.util.SnapshotUtil;

/**
 * Which batch a table is at, and which run may write it. Each commit of a sink has it, in the
 * summary of its snapshot and, with it, in the table's properties. Immutable.
 *
 * <p>The mark that counts is the one of the newest snapshot that has one, from the current snapshot
 * back to its ancestors: snapshots of compaction and of other writers have none. So a table that is
 * rolled back is at the batch that it was rolled back to.
 *
 * <pre>
 *   snapshot   1            2            3             4            5
 *   made by    batch 7      batch 8      compaction    batch 9      compaction
 *   mark       batch 7      batch 8                    batch 9
 *
 *   current 5: at batch 9      rolled back to 3: at batch 8
 * </pre>
 *
 * <p>Snapshots expire. Where those that are left have no mark and their ancestors are gone, the
 * table's properties count, which do not expire.
 *
 * @param checkpoint identity of the checkpoint that counts the batches
 * @param owner the run that may write
 * @param batch the last one that is stored; -1 for none
 */
record BatchMark(String pipeline, String output, String checkpoint, String owner, long batch) {

  /** Of a table that Millrace has created. */
  static final String IS_CREATED = "millrace.created";

  /** Of a snapshot that ends what the marks before it tell. */
  static final String IS_RELEASED = "millrace.released";

  /** Of a snapshot: where the batch ends in its source, as the checkpoint has it. */
  static final String POSITION = "millrace.position";

  private static final String PIPELINE = "millrace.pipeline";
  private static final String OUTPUT = "millrace.output";
  private static final String CHECKPOINT = "millrace.checkpoint";
  private static final String OWNER = "millrace.owner";
  private static final String BATCH = "millrace.batch";

  /** The mark as a snapshot's summary and a table's properties have it. */
  Map<String, String> properties() {
    return new TreeMap<>(
        Map.of(
            PIPELINE, pipeline,
            OUTPUT, output,
            CHECKPOINT, checkpoint,
            OWNER, owner,
            BATCH, Long.toString(batch)));
  }

  /** The same run at another batch. */
  BatchMark at(long otherBatch) {
    return new BatchMark(pipeline, output, checkpoint, owner, otherBatch);
  }

  /** The mark of a table as it was loaded. */
  static Optional<BatchMark> of(Table table) {
    return newest(SnapshotUtil.currentAncestors(table), table.properties());
  }

  /**
   * The mark of a snapshot.
   *
   * @param ancestors the snapshot and those before it, the newest first
   * @param properties those of the table
   */
  static Optional<BatchMark> newest(Iterable<Snapshot> ancestors, Map<String, String> properties) {
    boolean areAllThere = true;
    for (Snapshot each : ancestors) {
      // Of a table of the first version of the format it may be missing.
      Map<String, String> summary = Objects.requireNonNullElse(each.summary(), Map.of());
      if (summary.containsKey(IS_RELEASED)) {
        return Optional.empty();
      }
      Optional<BatchMark> mark = parse(summary);
      if (mark.isPresent()) {
        return mark;
      }
      areAllThere = each.parentId() == null;
    }
    return areAllThere ? Optional.empty() : parse(properties);
  }

  private static Optional<BatchMark> parse(Map<String, String> properties) {
    return properties.containsKey(CHECKPOINT)
        ? Optional.of(
            new BatchMark(
                properties.get(PIPELINE),
                properties.get(OUTPUT),
                properties.get(CHECKPOINT),
                properties.get(OWNER),
                Long.parseLong(properties.get(BATCH))))
        : Optional.empty();
  }
}
