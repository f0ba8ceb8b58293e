package dev.millrace.simulator;

import dev.millrace.simulator.RideChange.Operation;
import dev.millrace.simulator.csv.CsvReader;
import dev.millrace.simulator.error.FileErrors;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Makes the insert of a booking from a row of the file, as the Python loader did.
 *
 * <pre>
 * file                in the table
 * 23/03/24            b'2024-03-23'       the form of a spreadsheet; 2024-03-23 is that of the publisher
 * 7:53:34             b'07:53:34'         the same
 * """CNR5884300"""    b'"CNR5884300"'     the quotes belong to the value
 * 237                 b'237.0'            a number is a Python float
 * null, or nothing    b'nan' in a column of numbers, b'null' in one of words
 * </pre>
 */
final class BookingParser {

  private static final DateTimeFormatter SHORT_DATE =
      DateTimeFormatter.ofPattern("dd/MM/uu").withResolverStyle(ResolverStyle.STRICT);
  private static final DateTimeFormatter TIME_OF_DAY = DateTimeFormatter.ofPattern("H:mm[:ss]");
  private static final DateTimeFormatter FULL_TIME = DateTimeFormatter.ofPattern("HH:mm:ss");
  private static final Pattern NUMBER = Pattern.compile("-?\\d{1,300}(\\.\\d{1,300})?");
  private static final Set<String> MISSING = Set.of("", "null", "NULL", "nan", "NaN");
  private static final List<BookingColumn> REQUIRED =
      List.of(
          BookingColumn.DATE,
          BookingColumn.TIME,
          BookingColumn.BOOKING_ID,
          BookingColumn.BOOKING_STATUS);

  private final Path file;
  private final List<BookingColumn> columns;

  /**
   * @param header every title of {@link BookingColumn} once, in any order
   */
  BookingParser(Path file, List<String> header) {
    this.file = file;
    Map<String, BookingColumn> byTitle = new HashMap<>();
    for (BookingColumn column : BookingColumn.values()) {
      byTitle.put(column.title(), column);
    }
    this.columns = header.stream().map(byTitle::get).toList();
  }

  /** Either a change or at least one problem. */
  record Parsed(Optional<RideChange> change, List<String> problems) {}

  /**
   * @param number the booking's place in the file, from 0 on
   */
  Parsed parse(CsvReader.Row row, long number) {
    if (row.values().size() != columns.size()) {
      return new Parsed(
          Optional.empty(),
          List.of(FileErrors.invalidWidth(file, row.line(), row.values().size(), columns.size())));
    }
    List<String> problems = new ArrayList<>();
    Map<BookingColumn, String> texts = new EnumMap<>(BookingColumn.class);
    for (int i = 0; i < columns.size(); i++) {
      BookingColumn column = columns.get(i);
      String value = row.values().get(i).strip();
      Optional<String> text = text(column, value);
      if (text.isPresent()) {
        texts.put(column, text.get());
      } else if (!MISSING.contains(value) || REQUIRED.contains(column)) {
        problems.add(
            FileErrors.invalidValue(file, row.line(), column.title(), value, expectation(column)));
      }
    }
    return problems.isEmpty()
        ? new Parsed(Optional.of(insert(texts, number)), problems)
        : new Parsed(Optional.empty(), problems);
  }

  private static RideChange insert(Map<BookingColumn, String> texts, long number) {
    LocalDateTime time =
        LocalDateTime.parse(texts.get(BookingColumn.DATE) + 'T' + texts.get(BookingColumn.TIME));
    return new RideChange(Operation.INSERT, number, 0, time, BookingColumn.literals(texts), true);
  }

  /** What the loader saw, without the bytes literal around it; empty if missing or invalid. */
  private static Optional<String> text(BookingColumn column, String value) {
    if (MISSING.contains(value)) {
      return Optional.empty();
    }
    if (column.isNumber()) {
      return NUMBER.matcher(value).matches() ? Optional.of(pythonFloat(value)) : Optional.empty();
    }
    try {
      return switch (column) {
        case DATE ->
            Optional.of(
                (value.contains("/") ? LocalDate.parse(value, SHORT_DATE) : LocalDate.parse(value))
                    .toString());
        case TIME -> Optional.of(LocalTime.parse(value, TIME_OF_DAY).format(FULL_TIME));
        default -> Optional.of(value);
      };
    } catch (DateTimeParseException invalid) {
      return Optional.empty();
    }
  }

  private static String pythonFloat(String value) {
    BigDecimal number = new BigDecimal(value).stripTrailingZeros();
    return (number.scale() > 0 ? number : number.setScale(1)).toPlainString();
  }

  private static String expectation(BookingColumn column) {
    return switch (column) {
      case DATE -> "a date such as 2024-03-23 or 23/03/24";
      case TIME -> "a time such as 12:29:38 or 7:53";
      default -> column.isNumber() ? "a number such as 237 or 5.73, or null" : "a value";
    };
  }
}
