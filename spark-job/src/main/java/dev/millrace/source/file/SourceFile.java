package dev.millrace.source.file;

import java.io.Serializable;
import java.net.URI;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * A file as it was when it was found.
 *
 * @param uri its qualified URI, percent-encoded, so that any name can be part of it
 * @param modifiedMillis when it was last modified, in milliseconds since 1970-01-01 UTC; another
 *     time means other contents
 * @param bytes its length
 */
public record SourceFile(String uri, long modifiedMillis, long bytes) implements Serializable {

  static SourceFile of(FileStatus status) {
    return new SourceFile(
        status.getPath().toUri().toString(), status.getModificationTime(), status.getLen());
  }

  /** Where it is. */
  public Path path() {
    return new Path(URI.create(uri));
  }

  /** Its name as the file system has it, without its folder. */
  public String name() {
    return path().getName();
  }
}
