package dev.millrace.source.file;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.millrace.config.CsvDialect;
import dev.millrace.error.FileErrors;
import dev.millrace.source.file.CsvRecords.CsvRecord;
import dev.millrace.source.file.CsvRecords.MalformedCsv;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;

/**
 * The records of one file of CSV, each as the JSON of its values, which are texts; null is left
 * out. A record of another width has a fault, and the next one follows. Blank lines are left out,
 * but for files of one column: there they are null.
 */
final class CsvFile implements FileRecords {

  private static final JsonFactory JSON = new JsonFactory();

  private final CsvRecords records;
  private final List<String> columns;
  private final List<SerializableString> fields;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final JsonGenerator json;
  private CsvRecord record;
  private boolean isBroken;
  private long line;
  private String fault;

  /**
   * Opens a file.
   *
   * @param declared the columns in the order of files without a header
   * @throws FileFault where its header can't be read
   */
  CsvFile(Path file, CsvDialect dialect, List<String> declared, Configuration hadoop)
      throws IOException {
    this.records = open(file, dialect, hadoop);
    try {
      this.columns = dialect.hasHeader() ? header() : declared;
      this.fields = columns.stream().<SerializableString>map(SerializedString::new).toList();
      this.json = JSON.createGenerator(bytes, JsonEncoding.UTF8).setRootValueSeparator(null);
    } catch (IOException | RuntimeException e) {
      records.close();
      throw e;
    }
  }

  private static CsvRecords open(Path file, CsvDialect dialect, Configuration hadoop)
      throws IOException {
    InputStream in = file.getFileSystem(hadoop).open(file);
    try {
      CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(file);
      return new CsvRecords(codec == null ? in : codec.createInputStream(in), dialect);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  private List<String> header() throws IOException {
    try {
      for (var found = records.next(); found.isPresent(); found = records.next()) {
        List<String> names = found.get().values();
        if (!names.isEmpty()) {
          return IntStream.range(0, names.size())
              .mapToObj(
                  i -> names.get(i) == null || names.get(i).isEmpty() ? "_c" + i : names.get(i))
              .toList();
        }
      }
      return List.of();
    } catch (MalformedCsv e) {
      throw fault(e);
    }
  }

  private static FileFault fault(MalformedCsv e) {
    return new FileFault(
        e.line() == CsvRecords.WHOLE_FILE
            ? e.getMessage()
            : FileErrors.atLine(e.line(), e.getMessage()),
        e);
  }

  /** The columns' names by the file's header; those that are declared where files have none. */
  List<String> columns() {
    return columns;
  }

  @Override
  public boolean next() throws IOException {
    if (isBroken) {
      return false;
    }
    try {
      for (var found = records.next(); found.isPresent(); found = records.next()) {
        record = found.get();
        line = record.line();
        int width = record.values().size();
        if (width > 0 || columns.size() == 1) {
          boolean isWhole = width == columns.size() || width == 0;
          fault = isWhole ? null : FileErrors.otherWidth(width, columns.size());
          return true;
        }
      }
      return false;
    } catch (MalformedCsv e) {
      if (e.line() == CsvRecords.WHOLE_FILE) {
        throw fault(e);
      }
      isBroken = true;
      line = e.line();
      fault = e.getMessage();
      return true;
    }
  }

  @Override
  public InternalRow row() {
    try {
      bytes.reset();
      json.writeStartObject();
      for (int i = 0; i < record.values().size(); i++) {
        if (record.values().get(i) != null) {
          json.writeFieldName(fields.get(i));
          json.writeString(record.values().get(i));
        }
      }
      json.writeEndObject();
      json.flush();
      return new GenericInternalRow(new Object[] {bytes.toByteArray()});
    } catch (IOException e) {
      throw new UncheckedIOException("nothing is written but to memory", e);
    }
  }

  @Override
  public String fault() {
    return fault;
  }

  @Override
  public long line() {
    return line;
  }

  @Override
  public void close() throws IOException {
    records.close();
  }
}
