package dev.millrace.sink.iceberg;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;

/** Rows of one task: in files, or, where they are few, at hand. Immutable. */
final class TaskRows implements Serializable {

  private static final long serialVersionUID = 1L;

  private final WrittenFiles files;
  private final ArrayList<byte[]> atHand;
  private final boolean hasRowsOfOneKey;

  private TaskRows(WrittenFiles files, List<byte[]> atHand, boolean hasRowsOfOneKey) {
    this.files = files;
    this.atHand = new ArrayList<>(atHand);
    this.hasRowsOfOneKey = hasRowsOfOneKey;
  }

  /**
   * Rows at hand.
   *
   * @param rows as Spark has them in memory
   * @param hasRowsOfOneKey whether two of them have the same key, if that is looked at
   */
  static TaskRows atHand(List<byte[]> rows, boolean hasRowsOfOneKey) {
    return new TaskRows(
        new WrittenFiles(new DataFile[0], new DeleteFile[0]), rows, hasRowsOfOneKey);
  }

  /** The same for rows in files. */
  static TaskRows of(WrittenFiles files, boolean hasRowsOfOneKey) {
    return new TaskRows(files, List.of(), hasRowsOfOneKey);
  }

  WrittenFiles files() {
    return files;
  }

  List<byte[]> atHand() {
    return Collections.unmodifiableList(atHand);
  }

  boolean hasRowsOfOneKey() {
    return hasRowsOfOneKey;
  }
}
