package dev.millrace.source.file;

import java.io.IOException;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * The records of one open file, in their order. Not thread-safe.
 *
 * <p>Any exception of {@link #next} is the file's, but for those that {@link UnreadableFile} tells
 * apart.
 */
public interface FileRecords extends AutoCloseable {

  /** Moves to the next record; false after the last. */
  boolean next() throws Exception;

  /** The record, of {@link FileReader#recordType}; overwritten by the next. */
  InternalRow row();

  /** What is wrong with the record, which then has no row; null for nothing. */
  String fault();

  /** The line that the record begins at, 1 for the first; of other formats than text its number. */
  long line();

  @Override
  void close() throws IOException;
}
