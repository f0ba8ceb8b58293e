package dev.millrace.error;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The part of the catalogue for the state of views. */
public final class StateErrors {

  private StateErrors() {}

  /** State whose key or partitions are others than the pipeline's. */
  public static UserException otherLayout(
      String file, List<String> key, int partitions, List<String> wantedKey, int wantedPartitions) {
    return RunErrors.wrongInput(
        String.format(
            "%s: the state has the key %s and %d partitions, the pipeline table.key %s and"
                + " state.partitions %d. Change the pipeline back, or rebuild the state"
                + " from the topic: './millrace rebuild PIPELINE'.",
            file, key, partitions, wantedKey, wantedPartitions));
  }

  /** A column that a view needs and the state was not kept with. */
  public static UserException columnNotKept(String file, String column, String type) {
    return RunErrors.wrongInput(
        String.format(
            "%s: a view needs the column '%s' (%s), which the state was not kept with. Rebuild"
                + " the state from the topic: './millrace rebuild PIPELINE'.",
            file, column, type));
  }

  /** State that another kind of store keeps. */
  public static UserException otherStore(String file, String kept, String wanted) {
    return RunErrors.wrongInput(
        String.format(
            "%s: the state was written with state.store %s, the pipeline has %s. Change it back to"
                + " 'state.store: %s', or rebuild the state from the topic: './millrace rebuild"
                + " PIPELINE'.",
            file, kept, wanted, kept));
  }

  /** A store in memory that would take more than it may. */
  public static UserException memoryFull(
      String location, long bytes, long limitMegabytes, long heapMegabytes) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            String.format(
                "%s: the state in memory would take %,d MB with this batch, above its limit of %,d MB"
                    + " (state.memory-megabytes, else half of the heap). Nothing of the batch is"
                    + " committed. Give it more memory: the heap is %,d MB (MILLRACE_HEAP, on a"
                    + " cluster spark.executor.memory), and state.memory-megabytes may be 60%% of it."
                    + " Or keep the state on disk: 'state.store: rocksdb', then './millrace rebuild"
                    + " PIPELINE'.",
                location, (bytes + (1 << 20) - 1) >> 20, limitMegabytes, heapMegabytes)),
        null);
  }

  /** A limit of the stores in memory that the heap has no room for. */
  public static UserException memoryAboveHeap(long limitMegabytes, long heapMegabytes) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            String.format(
                "state.memory-megabytes: %,d MB is more than 60%% of the heap, which is %,d MB."
                    + " Expected at most %,d, as batches and snapshots need the rest. Raise the heap"
                    + " (MILLRACE_HEAP, on a cluster spark.executor.memory), or keep the state on"
                    + " disk: 'state.store: rocksdb'.",
                limitMegabytes, heapMegabytes, heapMegabytes * 6 / 10)),
        null);
  }

  /** State of a version of Millrace that this one does not know. */
  public static UserException unknownFormat(String file, String expected) {
    return RunErrors.wrongInput(
        String.format(
            "%s: not the layout of a state that this version can read. Expected '%s'. Use the version"
                + " that wrote it, or rebuild the state from the topic: './millrace rebuild PIPELINE'.",
            file, expected));
  }

  /** Views that were changed while a batch is unfinished. */
  public static UserException viewsChanged(String folder, long batchId) {
    return RunErrors.wrongInput(
        String.format(
            "%s: batch %d was begun with other views and has not been finished: some sinks may have"
                + " it. Run the pipeline once as it was, with --available-now; then change it.",
            folder, batchId));
  }

  /** State that another run keeps. */
  public static UserException held(String file, long process, String host, String renewed) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            String.format(
                "%s: the state is held by process %d on %s, which renewed its lease at %s. Expected"
                    + " one run of the views of a pipeline at a time. End that one first; where its"
                    + " host is gone, start again 30 s after that time.",
                file, process, host, renewed)),
        null);
  }

  /** A lease that another run has taken, or that was removed. */
  public static UserException leaseLost(String file, Optional<String> holder) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            String.format(
                "%s: this run no longer keeps the state: %s. It ends before it delivers anything more."
                    + " Start one run; it continues after the last whole batch.",
                file,
                holder
                    .map(each -> "process " + each + " has taken it")
                    .orElse("the lease is gone"))),
        null);
  }

  /** A pipeline without views, of which their state was to be read. */
  public static UserException noViews(String pipeline) {
    return RunErrors.wrongInput(
        String.format(
            "pipeline %s: no output is a view. Expected table.name and an output whose SQL reads it"
                + " (docs/views.md).",
            pipeline));
  }

  /** A checkpoint without a whole batch. */
  public static UserException noBatchYet(String pipeline, String checkpoint) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            String.format(
                "pipeline %s: there is no state yet, as no batch of its views is committed in %s."
                    + " Start it with './millrace run PIPELINE --all-outputs', and name the same"
                    + " checkpoints here (--checkpoints DIR).",
                pipeline, checkpoint)),
        null);
  }

  /** A view that the state does not have with this SQL. */
  public static UserException otherDefinition(String place, String view, String checkpoint) {
    return RunErrors.wrongInput(
        String.format(
            "%s: the state in %s does not have the view '%s' with this SQL; it belongs to another"
                + " definition, or to a run without this output. Run the pipeline with this file"
                + " first, or name the file that runs.",
            place, checkpoint, view));
  }

  /** A query of a relation that the state does not have. */
  public static UserException unknownRelation(String name, Collection<String> relations) {
    return RunErrors.wrongInput(
        String.format(
            "SQL: there is no relation '%s'. %s", name, UserErrors.oneOf(name, relations)));
  }

  /** Rows of the state that it would not have once it is made again from the topic. */
  public static UserException rowsNotInTopic(String table, long rows, List<String> keys) {
    return RunErrors.wrongInput(
        String.format(
            "%s: %,d row%s, such as %s, %s no message in the topic that tells all columns of the"
                + " views. The state is left as it is. Have the connector take a snapshot of the"
                + " table (an incremental one will do), or the topic's own producer send these rows"
                + " again, wait until the messages are in the topic, and run"
                + " './millrace rebuild PIPELINE' again.",
            table,
            rows,
            rows == 1 ? "" : "s",
            String.join(", ", keys),
            rows == 1 ? "has" : "have"));
  }

  /** A version of the state that can't be read. */
  public static UserException unreadable(String location, long version, Throwable cause) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            String.format(
                "%s: version %d of the views' state is lost or damaged: %s. The views can't"
                    + " continue without it. Rebuild the state from the topic: './millrace rebuild"
                    + " PIPELINE'.",
                location, version, Causes.message(cause))),
        cause);
  }

  /** What an output remembers of the changes that it has been given. */
  public static UserException seenUnreadable(String folder, String problem, Throwable cause) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            String.format(
                "%s: the changes that the output remembers for source.deduplicate are lost or"
                    + " damaged: %s. Remove this folder and start again: the run continues where it"
                    + " stopped and delivers changes that were sent before that once more, if the"
                    + " connector sends them again.",
                folder, problem)),
        cause);
  }

  /** A version of them that can't be read. */
  public static UserException seenUnreadable(
      String folder, String location, long version, Throwable cause) {
    return seenUnreadable(
        folder, "version %d in %s: %s".formatted(version, location, Causes.message(cause)), cause);
  }

  /** Rows of a lookup that the state was made with. */
  public static UserException lookupLost(String file, Throwable cause) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            String.format(
                "%s: the rows of a lookup that the views were made with are lost or damaged: %s. The"
                    + " views can't continue without them. Rebuild the state from the topic:"
                    + " './millrace rebuild PIPELINE'.",
                file, Causes.message(cause))),
        cause);
  }
}
