package dev.millrace.simulator.files;

import dev.millrace.simulator.event.Event;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.NoSuchElementException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * CSV files, each with a header and as many rows as every other: {@code PREFIX-00001.csv}, {@code
 * PREFIX-00002.csv}, ... A missing value is empty.
 */
public final class CsvFiles implements Iterator<Event> {

  private static final CSVFormat FORMAT =
      CSVFormat.DEFAULT.builder().setRecordSeparator('\n').build();

  private final CsvRows rows;
  private final String prefix;
  private final long count;
  private final int rowsPerFile;
  private long made;

  public CsvFiles(String prefix, CsvRows rows, long count, int rowsPerFile) {
    this.rows = rows;
    this.prefix = prefix;
    this.count = count;
    this.rowsPerFile = rowsPerFile;
  }

  @Override
  public boolean hasNext() {
    return made < count;
  }

  @Override
  public Event next() {
    if (!hasNext()) {
      throw new NoSuchElementException("All files are made");
    }
    made++;
    StringBuilder text = new StringBuilder();
    try (CSVPrinter printer = new CSVPrinter(text, FORMAT)) {
      printer.printRecord(rows.header());
      for (int row = 0; row < rowsPerFile; row++) {
        printer.printRecord(rows.rows().next());
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return new Event(String.format(Locale.ROOT, "%s-%05d.csv", prefix, made), text.toString());
  }
}
