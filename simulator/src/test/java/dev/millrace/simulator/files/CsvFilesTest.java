package dev.millrace.simulator.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.simulator.Pace;
import dev.millrace.simulator.RideRows;
import dev.millrace.simulator.error.SimulatorException;
import dev.millrace.simulator.event.Event;
import dev.millrace.simulator.event.EventListener;
import dev.millrace.simulator.event.EventSimulation;
import dev.millrace.simulator.users.UserRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvFilesTest {

  @TempDir private Path folder;

  @Test
  void writesAHeaderAndRowsWithNothingForAMissingValue() {
    CsvRows rows =
        new CsvRows(
            List.of("name", "place"),
            List.of(
                    Arrays.asList("Ada", null),
                    List.of("Bo, \"the\" Second", "Ürümqi"),
                    List.of("Cy", "Oslo"),
                    List.of("Di", "Rome"))
                .iterator());

    assertThat(all(new CsvFiles("people", rows, 2, 2)))
        .containsExactly(
            new Event("people-00001.csv", "name,place\nAda,\n\"Bo, \"\"the\"\" Second\",Ürümqi\n"),
            new Event("people-00002.csv", "name,place\nCy,Oslo\nDi,Rome\n"));
  }

  /** Pins the rows: a change of them changes what every seed gives. */
  @Test
  void writesRidesAsTheyEnded() {
    CsvRows rides = new CsvRows(RideRows.header(), new RideRows(7));

    assertThat(new CsvFiles("rides", rides, 1, 2).next().value().lines())
        .containsExactly(
            "date,time,booking_id,booking_status,customer_id,vehicle_type,pickup_location,"
                + "drop_location,avg_vtat,avg_ctat,cancelled_rides_by_customer,"
                + "reason_for_cancelling_by_customer,cancelled_rides_by_driver,"
                + "driver_cancellation_reason,incomplete_rides,incomplete_rides_reason,"
                + "booking_value,ride_distance,driver_ratings,customer_rating,payment_method",
            "2024-01-01,00:00:16,CNR1694696,Completed,CID6917569,Auto,South Extension,Chhatarpur,"
                + "6.8,32.6,,,,,,,1504.0,47.34,4.3,3.4,Credit Card",
            "2024-01-01,00:22:53,CNR7875039,Completed,CID8725987,Go Mini,Mehrauli,Keshav Puram,"
                + "16.5,31.3,,,,,,,146.0,6.94,3.3,4.2,UPI");
  }

  @Test
  void writesTheSameUsersForTheSameSeed() {
    assertThat(users(3)).isEqualTo(users(3)).isNotEqualTo(users(4));
    assertThat(users(3)).startsWith("id,first_name,last_name,gender,address,");
  }

  @Test
  void putsCompleteFilesIntoAFolderThatItMakes() throws IOException {
    Path target = folder.resolve("a/b");
    CsvFiles files = new CsvFiles("u", new CsvRows(UserRows.header(), new UserRows(3)), 7, 5);

    FolderSink sink = FolderSink.open(target);
    assertThat(new EventSimulation(files, sink, Pace.UNLIMITED, EventListener.SILENT).run().sent())
        .isEqualTo(7);

    assertThat(target)
        .isDirectoryContaining(file -> file.endsWith("u-00007.csv"))
        .isDirectoryNotContaining("glob:**/.*");
    try (var written = Files.list(target)) {
      assertThat(written)
          .hasSize(7)
          .allSatisfy(file -> assertThat(Files.readAllLines(file)).hasSize(6));
    }
  }

  @Test
  void saysThatTheFolderIsAFile() throws IOException {
    Path file = Files.createFile(folder.resolve("taken"));

    assertThatThrownBy(() -> FolderSink.open(file))
        .isInstanceOf(SimulatorException.class)
        .hasMessage(
            "--to: cannot write to %s: it is a file. Name a folder that can be written to; it is"
                    .formatted(file)
                + " made if missing.");
  }

  private static String users(long seed) {
    CsvRows users = new CsvRows(UserRows.header(), new UserRows(seed));
    return new CsvFiles("users", users, 1, 5).next().value();
  }

  private static List<Event> all(CsvFiles files) {
    List<Event> all = new ArrayList<>();
    files.forEachRemaining(all::add);
    return all;
  }
}
