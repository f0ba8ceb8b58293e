package dev.millrace.simulator.songs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/** Makes {@code pipelines/data/songs.csv} with {@link #main}: songs that nobody sings. */
final class MadeUpSongs {

  static final Path FILE = Path.of("pipelines", "data", "songs.csv");

  private static final int SONGS = 200;
  private static final int ALBUMS = 60;

  private static final List<String> ADJECTIVES =
      List.of(
          "Paper",
          "Silver",
          "Broken",
          "Midnight",
          "Hollow",
          "Golden",
          "Distant",
          "Electric",
          "Quiet",
          "Crimson",
          "Borrowed",
          "Frozen",
          "Velvet",
          "Restless",
          "Northern",
          "Faded",
          "Wild",
          "Second",
          "Weightless",
          "Burning");
  private static final List<String> NOUNS =
      List.of(
          "Lanterns",
          "River",
          "Satellites",
          "Garden",
          "Avenue",
          "Horizon",
          "Letters",
          "Mirrors",
          "Thunder",
          "Harbour",
          "Summer",
          "Clockwork",
          "Shadows",
          "Carousel",
          "Wildfire",
          "Orchard",
          "Static",
          "Anthem",
          "Footsteps",
          "Tide");
  private static final List<String> ARTISTS =
      List.of(
          "The Copper Finches",
          "Marlow & Vane",
          "Odile Ferro",
          "Glass Meridian",
          "Tobias Rook",
          "Señora Niebla",
          "Low Tide Radio",
          "Hanneke Voss",
          "Kitchen Astronauts",
          "DJ Almanac",
          "The Sunday Engines",
          "Ilse Tamm",
          "Paloma \"Pal\" Reyes",
          "North of Elsewhere",
          "Björn Halden",
          "Sugar Parliament");

  private MadeUpSongs() {}

  /** Writes the file into the project, whose folder is the only argument. */
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]).resolve(FILE);
    Files.createDirectories(file.getParent());
    Files.writeString(file, csv());
  }

  /** Two hundred songs, each of another name; figures in the ranges that Spotify's have. */
  static String csv() throws IOException {
    SplittableRandom random = new SplittableRandom(20);
    Set<String> names = new LinkedHashSet<>();
    StringBuilder text = new StringBuilder();
    CSVFormat format = CSVFormat.DEFAULT.builder().setRecordSeparator('\n').build();
    try (CSVPrinter printer = new CSVPrinter(text, format)) {
      printer.printRecord(SongsFile.COLUMNS);
      while (names.size() < SONGS) {
        String name = oneOf(ADJECTIVES, random) + ' ' + oneOf(NOUNS, random);
        if (names.add(name)) {
          printer.printRecord(song(name, random));
        }
      }
    }
    return text.toString();
  }

  private static List<Object> song(String name, SplittableRandom random) {
    int album = random.nextInt(ALBUMS);
    String artist = ARTISTS.get(album % ARTISTS.size());
    String guest = oneOf(ARTISTS, random);
    boolean isDuet = random.nextInt(5) == 0 && !guest.equals(artist);
    return List.of(
        name,
        isDuet ? artist + ", " + guest : artist,
        random.nextInt(120_000, 330_000),
        NOUNS.get(album % NOUNS.size()) + " and " + NOUNS.get((album * 7 + 3) % NOUNS.size()),
        LocalDate.of(1975, 1, 1).plusDays(album * 311L),
        figure(0.2, 0.98, random),
        figure(0.1, 0.99, random),
        random.nextInt(12),
        figure(-22, -2, random),
        random.nextInt(2),
        figure(0.02, 0.4, random),
        figure(0, 0.99, random),
        random.nextInt(3) == 0 ? figure(0, 0.9, random) : "0.0",
        figure(0.03, 0.7, random),
        figure(0.03, 0.97, random),
        figure(60, 200, random));
  }

  private static String figure(double lowest, double highest, SplittableRandom random) {
    return String.format(Locale.ROOT, "%.3f", random.nextDouble(lowest, highest));
  }

  private static String oneOf(List<String> texts, SplittableRandom random) {
    return texts.get(random.nextInt(texts.size()));
  }
}
