package dev.millrace.simulator;

import dev.millrace.simulator.csv.CsvReader;
import dev.millrace.simulator.error.FileErrors;
import dev.millrace.simulator.error.SimulatorException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The bookings of a file in the shape of {@code ncr_ride_bookings.csv}, of which no more than a
 * batch is ever in memory.
 */
public final class BookingsFile {

  private static final String FLAG = "--csv";

  private static final List<String> TITLES =
      Arrays.stream(BookingColumn.values()).map(BookingColumn::title).toList();

  private final Path file;
  private final long rows;

  private BookingsFile(Path file, long rows) {
    this.file = file;
    this.rows = rows;
  }

  /**
   * Reads the file once to see that all of it can be played.
   *
   * @param limit how many of its bookings are wanted at most; what follows them is not looked at
   * @throws SimulatorException that names everything that is wrong, each with its line
   */
  public static BookingsFile checked(Path file, long limit) {
    List<String> problems = new ArrayList<>();
    long rows = 0;
    try (CsvReader reader = CsvReader.open(file, FLAG)) {
      Optional<CsvReader.Row> header = reader.next();
      headerProblem(file, header).ifPresent(problems::add);
      if (problems.isEmpty()) {
        BookingParser parser = new BookingParser(file, header.orElseThrow().values());
        for (; rows < limit; rows++) {
          Optional<CsvReader.Row> row = reader.next();
          if (row.isEmpty()) {
            break;
          }
          problems.addAll(parser.parse(row.get(), rows).problems());
        }
        if (rows == 0) {
          problems.add(FileErrors.noRows(file, "bookings"));
        }
      }
    } catch (SimulatorException unreadable) {
      if (problems.isEmpty()) {
        throw unreadable;
      }
      problems.add(unreadable.getMessage());
    }
    if (!problems.isEmpty()) {
      throw FileErrors.invalidFile(problems);
    }
    return new BookingsFile(file, rows);
  }

  /** How many bookings are played. */
  public long rows() {
    return rows;
  }

  /** An insert for each booking, in the file's order. To be closed. */
  Stream<RideChange> changes() {
    CsvReader reader = CsvReader.open(file, FLAG);
    BookingParser parser = new BookingParser(file, reader.next().orElseThrow().values());
    return Stream.iterate(0L, number -> number < rows, number -> number + 1)
        .map(number -> insert(reader, parser, number))
        .onClose(reader::close);
  }

  private RideChange insert(CsvReader reader, BookingParser parser, long number) {
    CsvReader.Row row = reader.next().orElseThrow(() -> FileErrors.changedMeanwhile(file));
    BookingParser.Parsed parsed = parser.parse(row, number);
    return parsed.change().orElseThrow(() -> FileErrors.invalidFile(parsed.problems()));
  }

  private static Optional<String> headerProblem(Path file, Optional<CsvReader.Row> header) {
    return header.isEmpty()
        ? Optional.of(FileErrors.emptyFile(file, TITLES))
        : FileErrors.invalidHeader(file, header.get().values(), TITLES, true);
  }
}
