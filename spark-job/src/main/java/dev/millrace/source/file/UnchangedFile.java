package dev.millrace.source.file;

import java.io.IOException;
import org.apache.spark.sql.catalyst.InternalRow;

/** The records of a file that must still be the same file after its last record. */
final class UnchangedFile implements FileRecords {

  private final FileRecords records;
  private final Check check;

  /** Fails where the file is another one. */
  interface Check {
    Object run() throws Exception;
  }

  UnchangedFile(FileRecords records, Check check) {
    this.records = records;
    this.check = check;
  }

  @Override
  public boolean next() throws Exception {
    if (records.next()) {
      return true;
    }
    check.run();
    return false;
  }

  @Override
  public InternalRow row() {
    return records.row();
  }

  @Override
  public String fault() {
    return records.fault();
  }

  @Override
  public long line() {
    return records.line();
  }

  @Override
  public void close() throws IOException {
    records.close();
  }
}
