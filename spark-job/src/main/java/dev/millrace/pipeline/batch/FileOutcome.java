package dev.millrace.pipeline.batch;

import dev.millrace.error.FileErrors;
import dev.millrace.error.data.DataError;
import dev.millrace.source.file.SourceFile;
import java.io.Serializable;

/**
 * What became of a file.
 *
 * @param rows those that it gave, 0 for a rejected file
 * @param reason why it was rejected, a sentence; null where it was not
 */
public record FileOutcome(SourceFile file, long rows, String reason) implements Serializable {

  /** Whether no row of the file is delivered. */
  public boolean isRejected() {
    return reason != null;
  }

  /** Why it was rejected. */
  public DataError error() {
    return FileErrors.rejectedFile(file.name(), reason);
  }
}
