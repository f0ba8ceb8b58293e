package dev.millrace.simulator.csv;

import dev.millrace.simulator.error.FileErrors;
import dev.millrace.simulator.error.SimulatorException;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * A CSV file as RFC 4180 has it: commas, double quotes, quotes inside doubled; in UTF-8, with or
 * without a byte order mark. Empty lines are skipped.
 */
public final class CsvReader implements Closeable {

  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private final Path file;
  private final String flag;
  private final CSVParser parser;
  private final Iterator<CSVRecord> records;

  private CsvReader(Path file, String flag, CSVParser parser) {
    this.file = file;
    this.flag = flag;
    this.parser = parser;
    this.records = parser.iterator();
  }

  /**
   * One row.
   *
   * @param line where it begins, 1 for the first of the file
   */
  public record Row(long line, List<String> values) {

    public Row {
      values = List.copyOf(values);
    }
  }

  /**
   * Opens the file, before its header.
   *
   * @param flag that named the file, for errors
   * @throws SimulatorException if it can't be opened
   */
  public static CsvReader open(Path file, String flag) {
    try {
      return new CsvReader(
          file,
          flag,
          CSVFormat.DEFAULT.parse(Files.newBufferedReader(file, StandardCharsets.UTF_8)));
    } catch (IOException failure) {
      throw FileErrors.cannotRead(file, flag, failure);
    }
  }

  /**
   * The next row, the first of which is the header; empty at the end.
   *
   * @throws SimulatorException if the file can't be read or is not CSV from here on
   */
  public Optional<Row> next() {
    try {
      if (!records.hasNext()) {
        return Optional.empty();
      }
      // The parser stands behind the record that it found last.
      long lastLine = parser.getCurrentLineNumber();
      List<String> values = records.next().toList();
      long lineBreaks =
          values.stream()
              .flatMapToInt(String::chars)
              .filter(character -> character == '\n')
              .count();
      return Optional.of(new Row(lastLine - lineBreaks, withoutMark(values)));
    } catch (UncheckedIOException failure) {
      throw failure.getCause() instanceof CharacterCodingException encoding
          ? FileErrors.cannotRead(file, flag, encoding)
          : FileErrors.notCsv(file, parser.getCurrentLineNumber(), failure.getCause());
    }
  }

  private static List<String> withoutMark(List<String> values) {
    String first = values.get(0);
    if (!first.startsWith(BYTE_ORDER_MARK)) {
      return values;
    }
    List<String> rest = new ArrayList<>(values);
    rest.set(0, first.substring(1));
    return rest;
  }

  @Override
  public void close() {
    try {
      parser.close();
    } catch (IOException failure) {
      throw FileErrors.cannotRead(file, flag, failure);
    }
  }
}
