package dev.millrace.source.file;

import dev.millrace.error.FileErrors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.unsafe.types.UTF8String;

/** Lines of text, or of JSON of which those that are blank are left out. */
final class LineRecords implements FileRecords {

  /** The byte-order mark, with which a file of UTF-8 may begin; no part of its first line. */
  private static final UTF8String MARK = UTF8String.fromString("\ufeff");

  private final SparkRecords lines;
  private final boolean isJson;
  private InternalRow row;

  LineRecords(SparkRecords lines, boolean isJson) {
    this.lines = lines;
    this.isJson = isJson;
  }

  @Override
  public boolean next() {
    while (lines.next()) {
      row = lines.row();
      if (lines.line() == 1 && text().startsWith(MARK)) {
        row = new GenericInternalRow(new Object[] {text().substring(1, text().numChars())});
      }
      if (!isJson || text().trimAll().numBytes() > 0) {
        return true;
      }
    }
    return false;
  }

  private UTF8String text() {
    return row.getUTF8String(0);
  }

  @Override
  public InternalRow row() {
    return row;
  }

  /** {@inheritDoc} Whoever decodes JSON tells whether it is UTF-8. */
  @Override
  public String fault() {
    return isJson || isUtf8(row.getBinary(0)) ? null : FileErrors.notUtf8();
  }

  private static boolean isUtf8(byte[] text) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  @Override
  public long line() {
    return lines.line();
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
