package dev.millrace.simulator.songs;

import dev.millrace.simulator.csv.CsvReader;
import dev.millrace.simulator.error.FileErrors;
import dev.millrace.simulator.error.SimulatorException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The CSV file of songs, which has the columns {@link #COLUMNS} and maybe others. */
public final class SongsFile {

  /** In the order of the file that ships. */
  public static final List<String> COLUMNS =
      List.of(
          "name",
          "artists",
          "duration_ms",
          "album_name",
          "album_release_date",
          "danceability",
          "energy",
          "key",
          "loudness",
          "mode",
          "speechiness",
          "acousticness",
          "instrumentalness",
          "liveness",
          "valence",
          "tempo");

  private static final String FLAG = "--songs";

  private SongsFile() {}

  /**
   * The names of the songs, each once, in the file's order.
   *
   * @throws SimulatorException that names everything that is wrong, each with its line
   */
  public static List<String> names(Path file) {
    List<String> problems = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    try (CsvReader reader = CsvReader.open(file, FLAG)) {
      Optional<CsvReader.Row> header = reader.next();
      if (header.isEmpty()) {
        problems.add(FileErrors.emptyFile(file, COLUMNS));
      } else {
        List<String> columns = header.get().values();
        FileErrors.invalidHeader(file, columns, COLUMNS, false).ifPresent(problems::add);
        if (problems.isEmpty()) {
          readNames(file, reader, columns, names, problems);
        }
      }
    }
    if (!problems.isEmpty()) {
      throw FileErrors.invalidFile(problems);
    }
    return List.copyOf(names);
  }

  private static void readNames(
      Path file, CsvReader reader, List<String> columns, Set<String> names, List<String> problems) {
    int name = columns.indexOf("name");
    for (var row = reader.next(); row.isPresent(); row = reader.next()) {
      List<String> values = row.get().values();
      if (values.size() != columns.size()) {
        problems.add(
            FileErrors.invalidWidth(file, row.get().line(), values.size(), columns.size()));
      } else if (!values.get(name).isBlank()) {
        names.add(values.get(name));
      }
    }
    if (names.isEmpty() && problems.isEmpty()) {
      problems.add(FileErrors.noRows(file, "songs"));
    }
  }
}
