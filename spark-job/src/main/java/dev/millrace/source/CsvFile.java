package dev.millrace.source;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.millrace.config.CsvDialect;
import dev.millrace.config.FileFormat;
import dev.millrace.error.FileErrors;
import dev.millrace.event.FileColumns;
import dev.millrace.event.RawColumns;
import dev.millrace.source.CsvRecords.CsvRecord;
import dev.millrace.source.CsvRecords.MalformedCsv;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodec;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows of one file of CSV, each as the JSON of its values, which are texts; null is left out. A
 * file that can't be read, or that has other columns than expected, is one row with the fault; a
 * record of another width is a row with the fault, and the next one follows. Blank lines are left
 * out, but for files of one column: there they are null. Not thread-safe.
 */
final class CsvFile implements Iterator<Row>, AutoCloseable {

  /** What {@link #next} gives. */
  static final StructType ROWS =
      new StructType()
          .add(RawColumns.KEY, DataTypes.BinaryType)
          .add(RawColumns.VALUE, DataTypes.BinaryType)
          .add(FileColumns.FILE, DataTypes.StringType)
          .add(FileColumns.LINE, DataTypes.LongType)
          .add(FileColumns.FAULT, DataTypes.StringType);

  private static final JsonFactory JSON = new JsonFactory();
  private static final Logger LOG = LoggerFactory.getLogger(CsvFile.class);

  private final Path file;
  private final CsvDialect dialect;
  private final List<String> expected;
  private final Configuration hadoop;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private CsvRecords records;
  private JsonGenerator json;
  private List<SerializableString> columns;
  private Row next;
  private boolean isOver;

  /**
   * A file, which the first row opens and the last one closes.
   *
   * @param expected the columns in the order of files without a header; empty where a file may have
   *     any
   */
  CsvFile(String path, CsvDialect dialect, List<String> expected, Configuration hadoop) {
    this.file = new Path(path);
    this.dialect = dialect;
    this.expected = expected;
    this.hadoop = hadoop;
  }

  /** The columns' names by the file's header; none in a file without records. */
  List<String> header() throws IOException {
    try (CsvRecords opened = open()) {
      return names(opened);
    } catch (MalformedCsv e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  @Override
  public boolean hasNext() {
    if (next == null && !isOver) {
      next = read().orElse(null);
    }
    return next != null;
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException("All rows are read");
    }
    Row found = next;
    next = null;
    return found;
  }

  private Optional<Row> read() {
    try {
      Optional<Row> row = records == null ? begin().or(this::readRecord) : readRecord();
      isOver = isOver || row.isEmpty();
      return row;
    } catch (UncheckedIOException e) {
      return Optional.of(unreadable(e.getCause()));
    } catch (IOException e) {
      return Optional.of(unreadable(e));
    } finally {
      if (isOver) {
        close();
      }
    }
  }

  /** What is wrong with the file before its first row; empty for nothing. */
  private Optional<Row> begin() throws IOException {
    records = open();
    List<String> names = expected;
    if (dialect.hasHeader()) {
      try {
        names = names(records);
      } catch (MalformedCsv e) {
        return Optional.of(last(e.line(), e.getMessage()));
      }
    }
    boolean isAsExpected =
        names.size() == expected.size() && new TreeSet<>(names).equals(new TreeSet<>(expected));
    if (!isAsExpected && !expected.isEmpty()) {
      return Optional.of(last(CsvRecords.WHOLE_FILE, FileErrors.otherColumns(names, expected)));
    }
    columns = names.stream().<SerializableString>map(SerializedString::new).toList();
    json = JSON.createGenerator(bytes, JsonEncoding.UTF8).setRootValueSeparator(null);
    return Optional.empty();
  }

  private Optional<Row> readRecord() {
    try {
      for (var record = records.next(); record.isPresent(); record = records.next()) {
        int width = record.get().values().size();
        if (width == columns.size() || (width == 0 && columns.size() == 1)) {
          return Optional.of(row(record.get()));
        }
        if (width > 0) {
          return Optional.of(
              fault(record.get().line(), FileErrors.otherWidth(width, columns.size())));
        }
      }
      return Optional.empty();
    } catch (MalformedCsv e) {
      return Optional.of(last(e.line(), e.getMessage()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Row row(CsvRecord record) throws IOException {
    bytes.reset();
    json.writeStartObject();
    for (int i = 0; i < record.values().size(); i++) {
      if (record.values().get(i) != null) {
        json.writeFieldName(columns.get(i));
        json.writeString(record.values().get(i));
      }
    }
    json.writeEndObject();
    json.flush();
    return RowFactory.create(null, bytes.toByteArray(), file.getName(), record.line(), null);
  }

  /** A fault behind which nothing can be read. */
  private Row last(long line, String reason) {
    isOver = true;
    return fault(line, reason);
  }

  private Row fault(long line, String reason) {
    return RowFactory.create(null, null, file.getName(), line, reason);
  }

  private Row unreadable(IOException failure) {
    if (UnreadableFile.isStop(failure)) {
      isOver = true;
      throw new UncheckedIOException(failure);
    }
    return last(CsvRecords.WHOLE_FILE, FileErrors.unreadable(FileFormat.CSV.spelling(), failure));
  }

  private CsvRecords open() throws IOException {
    InputStream in = file.getFileSystem(hadoop).open(file);
    try {
      CompressionCodec codec = new CompressionCodecFactory(hadoop).getCodec(file);
      return new CsvRecords(codec == null ? in : codec.createInputStream(in), dialect);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  private static List<String> names(CsvRecords records) throws IOException, MalformedCsv {
    for (var record = records.next(); record.isPresent(); record = records.next()) {
      List<String> values = record.get().values();
      if (!values.isEmpty()) {
        return IntStream.range(0, values.size())
            .mapToObj(
                i -> values.get(i) == null || values.get(i).isEmpty() ? "_c" + i : values.get(i))
            .toList();
      }
    }
    return List.of();
  }

  @Override
  public void close() {
    if (records != null) {
      try {
        records.close();
      } catch (IOException e) {
        // A stream that was only read: all that was asked of it is known.
        LOG.debug("can't close {}", file, e);
      }
    }
  }
}
