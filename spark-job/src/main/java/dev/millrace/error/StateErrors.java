package dev.millrace.error;

import java.util.List;

/** The part of the catalogue for the state of views. */
public final class StateErrors {

  private StateErrors() {}

  /** State whose key or partitions are others than the pipeline's. */
  public static UserException otherLayout(
      String file, List<String> key, int partitions, List<String> wantedKey, int wantedPartitions) {
    return RunErrors.wrongInput(
        String.format(
            "%s: the state has the key %s and %d partitions, the pipeline table.key %s and"
                + " state.partitions %d. Change the pipeline back, or remove the state with"
                + " './millrace reset PIPELINE': the next run builds it from the topic.",
            file, key, partitions, wantedKey, wantedPartitions));
  }

  /** A column that a view needs and the state was not kept with. */
  public static UserException columnNotKept(String file, String column, String type) {
    return RunErrors.wrongInput(
        String.format(
            "%s: a view needs the column '%s' (%s), which the state was not kept with. Remove the"
                + " state with './millrace reset PIPELINE': the next run builds it from the topic."
                + " Take a new snapshot first if some row has had no change since the column"
                + " exists.",
            file, column, type));
  }

  /** State of a version of Millrace that this one does not know. */
  public static UserException unknownFormat(String file, String expected) {
    return RunErrors.wrongInput(
        String.format(
            "%s: not the layout of a state that this version can read. Expected '%s'. Use the version"
                + " that wrote it, or remove the state with './millrace reset PIPELINE': the next run builds"
                + " it from the topic.",
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

  /** A version of the state that can't be read. */
  public static UserException unreadable(String location, long version, Throwable cause) {
    return new UserException(
        UserException.RUN_TIME,
        List.of(
            String.format(
                "%s: version %d of the views' state is lost or damaged: %s. The views can't"
                    + " continue without it. Remove the state with './millrace reset PIPELINE':"
                    + " the next run builds it from the topic.",
                location, version, Causes.message(cause))),
        cause);
  }
}
