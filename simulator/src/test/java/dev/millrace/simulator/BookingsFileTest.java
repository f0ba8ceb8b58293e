package dev.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.simulator.RideChange.Operation;
import dev.millrace.simulator.error.SimulatorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BookingsFileTest {

  private static final String HEADER =
      "Date,Time,Booking ID,Booking Status,Customer ID,Vehicle Type,Pickup Location,Drop Location,"
          + "Avg VTAT,Avg CTAT,Cancelled Rides by Customer,Reason for cancelling by Customer,"
          + "Cancelled Rides by Driver,Driver Cancellation Reason,Incomplete Rides,"
          + "Incomplete Rides Reason,Booking Value,Ride Distance,Driver Ratings,Customer Rating,"
          + "Payment Method";
  private static final String NO_DRIVER =
      "2024-03-23,12:29:38,\"\"\"CNR5884300\"\"\",No Driver Found,\"\"\"CID1982111\"\"\",eBike,"
          + "Palam Vihar,Jhilmil,null,null,null,null,null,null,null,null,null,null,null,null,null";
  private static final String INCOMPLETE =
      "29/11/24,18:01:39,\"\"\"CNR1326809\"\"\",Incomplete,\"\"\"CID4604802\"\"\",Go Sedan,"
          + "\"Humayun's Tomb, Gate 1\",Le Méridien,4.9,14.0,null,null,null,null,1,Driver's fault,"
          + "237,5.730,null,null,UPI";

  /** The published file after a spreadsheet: short dates and hours, blanks, whole numbers. */
  private static final String FROM_A_SPREADSHEET =
      "23/03/24,7:53:34,CNR5884300,Completed,CID1982111,eBike,Palam Vihar,Jhilmil,"
          + "8.3,24,,,,,,,737,48.21,4.1,5,UPI";

  @TempDir private Path folder;

  @Test
  void givesTheLiteralsThatTheLoaderWrote() throws IOException {
    List<RideChange> changes =
        changes(BookingsFile.checked(file(HEADER, NO_DRIVER, INCOMPLETE), 9));

    assertThat(changes)
        .extracting(RideChange::operation, RideChange::rideNumber, RideChange::isLast)
        .containsExactly(tuple(Operation.INSERT, 0L, true), tuple(Operation.INSERT, 1L, true));
    assertThat(changes.get(0).row().values())
        .containsExactly(
            "b'2024-03-23'",
            "b'12:29:38'",
            "b'\"CNR5884300\"'",
            "b'No Driver Found'",
            "b'\"CID1982111\"'",
            "b'eBike'",
            "b'Palam Vihar'",
            "b'Jhilmil'",
            "b'nan'",
            "b'nan'",
            "b'nan'",
            "b'null'",
            "b'nan'",
            "b'null'",
            "b'nan'",
            "b'null'",
            "b'nan'",
            "b'nan'",
            "b'nan'",
            "b'nan'",
            "b'null'");
    assertThat(changes.get(1).row().values())
        .containsExactly(
            "b'2024-11-29'",
            "b'18:01:39'",
            "b'\"CNR1326809\"'",
            "b'Incomplete'",
            "b'\"CID4604802\"'",
            "b'Go Sedan'",
            "b\"Humayun's Tomb, Gate 1\"",
            "b'Le M\\xc3\\xa9ridien'",
            "b'4.9'",
            "b'14.0'",
            "b'nan'",
            "b'null'",
            "b'nan'",
            "b'null'",
            "b'1.0'",
            "b\"Driver's fault\"",
            "b'237.0'",
            "b'5.73'",
            "b'nan'",
            "b'nan'",
            "b'UPI'");
  }

  @Test
  void readsTheFormOfASpreadsheet() throws IOException {
    Path file = folder.resolve("bookings.csv");
    String blanks = FROM_A_SPREADSHEET.replace("24,,,,,,,737", "24, , ,,,,,737");
    String withoutSeconds = FROM_A_SPREADSHEET.replace("7:53:34", "7:53");
    Files.writeString(
        file, String.join("\r\n", HEADER, FROM_A_SPREADSHEET, blanks, withoutSeconds) + "\r\n");

    List<RideChange> changes = changes(BookingsFile.checked(file, 9));

    assertThat(changes.get(0).row().values())
        .containsExactly(
            "b'2024-03-23'",
            "b'07:53:34'",
            "b'CNR5884300'",
            "b'Completed'",
            "b'CID1982111'",
            "b'eBike'",
            "b'Palam Vihar'",
            "b'Jhilmil'",
            "b'8.3'",
            "b'24.0'",
            "b'nan'",
            "b'null'",
            "b'nan'",
            "b'null'",
            "b'nan'",
            "b'null'",
            "b'737.0'",
            "b'48.21'",
            "b'4.1'",
            "b'5.0'",
            "b'UPI'");
    assertThat(changes.get(1).row()).isEqualTo(changes.get(0).row());
    assertThat(changes.get(2).row()).containsEntry(BookingColumn.TIME, "b'07:53:00'");
  }

  @Test
  void readsTheSameRowsOfBothFormsOfTheFile() throws IOException {
    String iso =
        FROM_A_SPREADSHEET
            .replace("23/03/24,7:53:34", "2024-03-23,07:53:34")
            .replace("24,,,,,,,737,", "24.0,null,null,null,null,null,null,737.0,")
            .replace("4.1,5,", "4.1,5.0,");
    Path spreadsheet =
        Files.writeString(folder.resolve("a.csv"), HEADER + "\n" + FROM_A_SPREADSHEET);
    Path published = Files.writeString(folder.resolve("b.csv"), HEADER + "\r\n" + iso + "\r\n");

    assertThat(changes(BookingsFile.checked(spreadsheet, 9)))
        .isEqualTo(changes(BookingsFile.checked(published, 9)));
  }

  @Test
  void readsColumnsInAnyOrderBehindAByteOrderMark() throws IOException {
    String header = "\uFEFF" + HEADER.replace("Date,Time", "Time,Date");
    String row = NO_DRIVER.replace("2024-03-23,12:29:38", "12:29:38,2024-03-23");

    assertThat(changes(BookingsFile.checked(file(header, row), 9)).get(0).row())
        .containsEntry(BookingColumn.DATE, "b'2024-03-23'")
        .containsEntry(BookingColumn.TIME, "b'12:29:38'");
  }

  @Test
  void looksAtNoMoreRowsThanAreWanted() throws IOException {
    BookingsFile file = BookingsFile.checked(file(HEADER, NO_DRIVER, NO_DRIVER, "nonsense"), 2);

    assertThat(file.rows()).isEqualTo(2);
    assertThat(changes(file)).hasSize(2);
  }

  @Test
  void namesMissingUnknownAndRepeatedColumns() throws IOException {
    Path file =
        file(HEADER.replace("Avg VTAT,Avg CTAT", "AVG VTAT,Tip").replace("Payment Method", "Date"));

    assertThatThrownBy(() -> BookingsFile.checked(file, 9))
        .isInstanceOf(SimulatorException.class)
        .hasMessage(
            file
                + ":1: the header lacks 'Avg VTAT', 'Avg CTAT', 'Payment Method', repeats 'Date',"
                + " has unknown 'AVG VTAT', 'Tip'. Expected the columns "
                + HEADER
                + ", in any order: correct the header or name another file.");
  }

  @Test
  void namesEveryValueThatItCannotRead() throws IOException {
    Path file =
        file(
            HEADER,
            INCOMPLETE.replace("Humayun's Tomb, Gate 1", "Humayun's\nTomb"),
            INCOMPLETE.replace("29/11/24", "31/11/24").replace("18:01:39", "25:01"),
            INCOMPLETE.replace("Incomplete,\"", "null,\"").replace("237,5.730", "₹237,5.7.3"),
            INCOMPLETE + ",");

    assertThatThrownBy(() -> BookingsFile.checked(file, 9))
        .hasMessage(
            """
            %1$s:4: Date: invalid value '31/11/24'. Expected a date such as 2024-03-23 or 23/03/24: correct or remove the row.
            %1$s:4: Time: invalid value '25:01'. Expected a time such as 12:29:38 or 7:53: correct or remove the row.
            %1$s:5: Booking Status: invalid value 'null'. Expected a value: correct or remove the row.
            %1$s:5: Booking Value: invalid value '₹237'. Expected a number such as 237 or 5.73, or null: correct or remove the row.
            %1$s:5: Ride Distance: invalid value '5.7.3'. Expected a number such as 237 or 5.73, or null: correct or remove the row.
            %1$s:6: 22 values, where the header has 21 columns. Put a value with a comma in it between double quotes."""
                .formatted(file));
  }

  @Test
  void countsTheProblemsThatItDoesNotShow() throws IOException {
    Stream<String> rows = Stream.concat(Stream.of(HEADER), Stream.generate(() -> "1,2").limit(25));
    Path file = file(rows.toArray(String[]::new));

    assertThatThrownBy(() -> BookingsFile.checked(file, 99))
        .message()
        .satisfies(message -> assertThat(message.lines()).hasSize(21))
        .endsWith("... and 5 problems more.");
  }

  @Test
  void saysWhereTheFileCeasesToBeCsv() throws IOException {
    Path file = file(HEADER, NO_DRIVER, NO_DRIVER.replace("eBike", "\"e\"Bike"));

    assertThatThrownBy(() -> BookingsFile.checked(file, 9))
        .message()
        .startsWith(file + ":3: not CSV from here on: ")
        .endsWith("each double quote inside doubled.");
  }

  @Test
  void saysWhyAFileCannotBeRead() throws IOException {
    Path missing = folder.resolve("missing.csv");
    Path latin =
        Files.write(
            folder.resolve("latin.csv"),
            String.join("\n", HEADER, INCOMPLETE).getBytes(StandardCharsets.ISO_8859_1));

    assertThatThrownBy(() -> BookingsFile.checked(missing, 9))
        .hasMessage(
            "--csv: cannot read %s: the file does not exist. Name a CSV file in UTF-8 that you can"
                    .formatted(missing)
                + " read.");
    assertThatThrownBy(() -> BookingsFile.checked(latin, 9))
        .hasMessageStartingWith("--csv: cannot read " + latin + ": it is not UTF-8.");
  }

  @Test
  void saysThatThereAreNoBookings() throws IOException {
    Path header = file(HEADER);
    assertThatThrownBy(() -> BookingsFile.checked(header, 9))
        .hasMessage(header + ":2: no bookings below the header. Expected at least one row.");

    Path empty = Files.writeString(header, "");
    assertThatThrownBy(() -> BookingsFile.checked(empty, 9))
        .hasMessageStartingWith(empty + ":1: the file is empty. Expected a header");
  }

  private Path file(String... lines) throws IOException {
    return Files.writeString(folder.resolve("bookings.csv"), String.join("\n", lines) + "\n");
  }

  private static List<RideChange> changes(BookingsFile file) {
    try (Stream<RideChange> changes = file.changes()) {
      return changes.toList();
    }
  }
}
