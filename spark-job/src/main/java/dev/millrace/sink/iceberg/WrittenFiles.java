package dev.millrace.sink.iceberg;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;

/** Files that are written and in no snapshot yet. Immutable. */
final class WrittenFiles implements Serializable {

  private static final long serialVersionUID = 1L;

  private final DataFile[] rows;
  private final DeleteFile[] deletes;

  /** The arrays are not copied. */
  WrittenFiles(DataFile[] rows, DeleteFile[] deletes) {
    this.rows = rows;
    this.deletes = deletes;
  }

  /** All files of several. */
  static WrittenFiles of(List<WrittenFiles> all) {
    return new WrittenFiles(
        all.stream().flatMap(each -> Arrays.stream(each.rows)).toArray(DataFile[]::new),
        all.stream().flatMap(each -> Arrays.stream(each.deletes)).toArray(DeleteFile[]::new));
  }

  List<DataFile> rows() {
    return List.of(rows);
  }

  List<DeleteFile> deletes() {
    return List.of(deletes);
  }

  /** Where all of them are. */
  List<String> locations() {
    return Stream.<ContentFile<?>>concat(Arrays.stream(rows), Arrays.stream(deletes))
        .map(ContentFile::location)
        .toList();
  }
}
