package dev.millrace.simulator.songs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.simulator.error.SimulatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SongsFileTest {

  private static final String HEADER = String.join(",", SongsFile.COLUMNS);
  private static final Path SHIPPED =
      Path.of(System.getProperty("millrace.home")).resolve(MadeUpSongs.FILE);

  @TempDir private Path folder;

  @Test
  void shipsTwoHundredSongsOfDifferentNames() {
    assertThat(SongsFile.names(SHIPPED)).hasSize(200);
  }

  @Test
  void shipsWhatTheGeneratorGives() throws IOException {
    assertThat(SHIPPED).hasContent(MadeUpSongs.csv());
  }

  @Test
  void readsNamesInQuotesAndTakesMoreColumnsThanItNeeds() throws IOException {
    Path file =
        written(
            """
            popularity,%s
            7,"Tide, ""Rising""\",A,1,B,2001-01-01,0.1,0.1,1,-1,1,0.1,0.1,0.1,0.1,0.1,90
            7,Tide,A,1,B,2001-01-01,0.1,0.1,1,-1,1,0.1,0.1,0.1,0.1,0.1,90
            7,Tide,A,1,B,2001-01-01,0.1,0.1,1,-1,1,0.1,0.1,0.1,0.1,0.1,90
            """
                .formatted(HEADER));

    assertThat(SongsFile.names(file)).containsExactly("Tide, \"Rising\"", "Tide");
  }

  @Test
  void namesTheColumnsThatAreMissing() throws IOException {
    Path file = written(HEADER.replace("energy,", "").replace(",tempo", ""));

    assertThatThrownBy(() -> SongsFile.names(file))
        .isInstanceOf(SimulatorException.class)
        .hasMessage(
            "%s:1: the header lacks 'energy', 'tempo'. Expected the columns %s, in any order:"
                    .formatted(file, HEADER)
                + " correct the header or name another file.");
  }

  @Test
  void saysThatThereAreNoSongs() throws IOException {
    Path file = written(HEADER);

    assertThatThrownBy(() -> SongsFile.names(file))
        .hasMessage(file + ":2: no songs below the header. Expected at least one row.");
  }

  private Path written(String text) throws IOException {
    return Files.writeString(folder.resolve("songs.csv"), text);
  }
}
