package dev.millrace.simulator.files;

import java.util.Iterator;
import java.util.List;

/**
 * What the lines of a file are made of.
 *
 * @param rows without end; null for a missing value
 */
public record CsvRows(List<String> header, Iterator<List<String>> rows) {

  public CsvRows {
    header = List.copyOf(header);
  }
}
