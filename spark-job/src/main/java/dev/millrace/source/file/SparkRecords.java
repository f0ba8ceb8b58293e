package dev.millrace.source.file;

import java.io.Closeable;
import java.io.IOException;
import org.apache.spark.sql.catalyst.InternalRow;
import scala.collection.Iterator;

/** The rows of one of Spark's readers. */
final class SparkRecords implements FileRecords {

  private final Iterator<InternalRow> rows;
  private InternalRow row;
  private long line;

  SparkRecords(Iterator<InternalRow> rows) {
    this.rows = rows;
  }

  @Override
  public boolean next() {
    if (!rows.hasNext()) {
      return false;
    }
    row = rows.next();
    line++;
    return true;
  }

  @Override
  public InternalRow row() {
    return row;
  }

  @Override
  public String fault() {
    return null;
  }

  @Override
  public long line() {
    return line;
  }

  /** Spark closes at the end of the task what can't be closed here. */
  @Override
  public void close() throws IOException {
    if (rows instanceof Closeable open) {
      open.close();
    }
  }
}
