package dev.millrace.pipeline.lookup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.FileFormat;
import dev.millrace.config.LookupDefinition.FileLookup;
import dev.millrace.config.LookupDefinition.Reload;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TextEncoding;
import dev.millrace.error.UserException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

public class LookupFilesTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final TableDefinition SONGS =
      new TableDefinition(
          List.of(),
          TextEncoding.NONE,
          Set.of(),
          OnError.REJECT,
          List.of(
              new ColumnDefinition("name", "name", DataTypes.StringType, TimeUnit.NONE),
              new ColumnDefinition("tempo", "BPM", DataTypes.DoubleType, TimeUnit.NONE)));

  private final StringWriter said = new StringWriter();

  @TempDir Path folder;

  @Test
  void readsAFileOnceForAllBatches() throws IOException {
    write("name,BPM\nBlue,98.5\n\"Red, again\",120\n", 1);
    Lookup songs = lookup(Reload.WHEN_CHANGED);

    List<Row> first = rows(songs);
    List<Row> second = rows(songs);

    assertThat(first)
        .containsExactlyInAnyOrder(
            RowFactory.create("Blue", 98.5), RowFactory.create("Red, again", 120.0));
    assertThat(second).isEqualTo(first);
    assertThat(said.toString())
        .isEqualToIgnoringNewLines("lookup songs: 2 rows from csv " + file());
  }

  @Test
  void readsAFileAgainThatHasChanged() throws IOException {
    write("name,BPM\nBlue,98.5\n", 1);
    Lookup songs = lookup(Reload.WHEN_CHANGED);
    rows(songs);

    write("BPM,name\n99,Blue\n", 2);

    assertThat(rows(songs)).containsExactly(RowFactory.create("Blue", 99.0));
  }

  @Test
  void keepsWhatItHasWhereTheFileTurnsOddOrIsGone() throws IOException {
    write("name,BPM\nBlue,98.5\n", 1);
    Lookup songs = lookup(Reload.WHEN_CHANGED);
    List<Row> before = rows(songs);

    write("name,BPM\nBlue,fast\n", 2);
    assertThat(rows(songs)).isEqualTo(before);
    assertThat(rows(songs)).isEqualTo(before);
    Files.delete(file());
    assertThat(rows(songs)).isEqualTo(before);
    write("name,BPM\nBlue,100\n", 3);

    assertThat(rows(songs)).containsExactly(RowFactory.create("Blue", 100.0));
    assertThat(said.toString().lines())
        .hasSize(4)
        .element(1)
        .asString()
        .startsWith("lookups.songs: can't use csv " + file() + ": ")
        .contains("Cannot read column tempo from field \"BPM\": found `\"fast\"`")
        .endsWith("The previous rows stay in use.");
  }

  @Test
  void isNotReadAgainWhereThatIsNotWanted() throws IOException {
    write("name,BPM\nBlue,98.5\n", 1);
    Lookup songs = lookup(Reload.NEVER);
    rows(songs);

    write("name,BPM\nBlue,99\n", 2);

    assertThat(rows(songs)).containsExactly(RowFactory.create("Blue", 98.5));
  }

  @Test
  void saysWhatIsMissing() {
    assertThatThrownBy(() -> rows(lookup(Reload.WHEN_CHANGED)))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "lookups.songs: can't use csv "
                + file()
                + ": there is no such file. Name a file or a folder of files.");
  }

  @Test
  void saysWhatIsOdd() throws IOException {
    write("title,BPM\nBlue,98.5\n", 1);

    assertThatThrownBy(() -> rows(lookup(Reload.WHEN_CHANGED)))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("its columns are title, BPM; expected name, BPM.");
  }

  private List<Row> rows(Lookup lookup) {
    return lookup.rows(SPARK.session()).collectAsList();
  }

  private Lookup lookup(Reload reload) {
    return new LookupFiles(
        new FileLookup("songs", file().toString(), FileFormat.CSV, Map.of(), SONGS, reload),
        new Configuration(),
        new PrintWriter(said, true));
  }

  private Path file() {
    return folder.resolve("songs.csv");
  }

  private void write(String text, int second) throws IOException {
    Files.writeString(file(), text);
    Files.setLastModifiedTime(file(), FileTime.from(Instant.ofEpochSecond(1_700_000_000 + second)));
  }
}
