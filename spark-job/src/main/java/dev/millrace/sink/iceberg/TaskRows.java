package dev.millrace.sink.iceberg;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;

/**
 * Rows of one task: in files, or, where they are few, at hand.
 *
 * @param atHand as Spark has rows in memory
 * @param hasRowsOfOneKey whether two rows have the same key, if that is looked at
 */
record TaskRows(WrittenFiles files, List<byte[]> atHand, boolean hasRowsOfOneKey)
    implements Serializable {

  static TaskRows atHand(List<byte[]> rows, boolean hasRowsOfOneKey) {
    return new TaskRows(
        new WrittenFiles(new DataFile[0], new DeleteFile[0]),
        new ArrayList<>(rows),
        hasRowsOfOneKey);
  }

  static TaskRows of(WrittenFiles files, boolean hasRowsOfOneKey) {
    return new TaskRows(files, new ArrayList<>(), hasRowsOfOneKey);
  }
}
