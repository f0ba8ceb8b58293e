package dev.millrace.source.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.config.FileFormat;
import dev.millrace.config.FileSourceDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.StreamingQueryException;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class FileSourceTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  @TempDir Path folder;

  private final List<String> seen = new ArrayList<>();

  /** Of each batch the files' names and their times in seconds. */
  private final List<List<String>> batches = new ArrayList<>();

  private boolean failing;

  @Test
  void findsAFileThatIsMuchOlderThanThoseBefore() throws Exception {
    Path input = Files.createDirectories(folder.resolve("input"));
    Files.writeString(input.resolve("today.csv"), "id\n1\n");
    runToTheEnd(input);
    Path moved = Files.writeString(folder.resolve("archived.csv"), "id\n2\n");
    Files.setLastModifiedTime(moved, FileTime.from(Instant.now().minus(Duration.ofDays(365))));
    Files.move(moved, input.resolve("archived.csv"));

    runToTheEnd(input);

    assertThat(seen).containsExactly("today.csv", "archived.csv");
  }

  @Test
  void takesNoNameForAPatternOrAnEscape() throws Exception {
    Path input = Files.createDirectories(folder.resolve("in[1] 50%{a,b}"));
    // A folder that the name of the folder would match, were it a pattern.
    Files.writeString(
        Files.createDirectories(folder.resolve("in1 50%a")).resolve("other.csv"), "id\n1\n");
    List<String> names =
        List.of(
            "a1.csv",
            "a[1].csv",
            "a*.csv",
            "a?.csv",
            "{a,b}.csv",
            "a b.csv",
            "a%20b.csv",
            "100%.csv",
            "a+b.csv",
            "a#b.csv",
            "a:b.csv",
            "a\\b.csv",
            "a\nb.csv",
            "a\"b'.csv",
            "caf\u00e9.csv",
            "cafe\u0301.csv",
            "\ud83d\ude00.csv",
            "-n.csv",
            "~.csv");
    for (String name : names) {
      Files.writeString(input.resolve(name), "id\n1\n");
    }

    runToTheEnd(input);
    runToTheEnd(input);

    assertThat(seen).containsExactlyInAnyOrderElementsOf(names);
  }

  @Test
  void leavesWhatIsNotCompleteUntilItIs() throws Exception {
    Path input = Files.createDirectories(folder.resolve("input"));
    Files.writeString(input.resolve("good.csv"), "id\n1\n");
    Files.writeString(input.resolve(".hidden.csv"), "id\n1\n");
    Files.writeString(input.resolve("_part.csv"), "id\n1\n");
    Files.writeString(input.resolve("put.csv._COPYING_"), "id\n1\n");
    Files.writeString(
        Files.createDirectories(input.resolve("_temporary")).resolve("a.csv"), "id\n1\n");
    Path empty = Files.writeString(input.resolve("empty.csv"), "");
    Files.createSymbolicLink(input.resolve("link.csv"), folder.resolve("not-there-yet"));
    runToTheEnd(input);
    assertThat(seen).containsExactly("good.csv");

    Files.writeString(empty, "id\n2\n");
    Files.move(input.resolve("put.csv._COPYING_"), input.resolve("put.csv"));
    Files.writeString(folder.resolve("not-there-yet"), "id\n3\n");
    runToTheEnd(input);

    assertThat(seen).containsExactlyInAnyOrder("good.csv", "empty.csv", "put.csv", "link.csv");
  }

  @Test
  void findsTheFilesOfFoldersBelowButFollowsNoLinkToAFolder() throws Exception {
    Path input = Files.createDirectories(folder.resolve("input"));
    Path named = Files.createDirectories(input.resolve("like-a-file.csv"));
    Files.writeString(named.resolve("below.csv"), "id\n1\n");
    Files.createDirectories(input.resolve("nothing.csv"));
    Files.createSymbolicLink(input.resolve("circle"), input);

    runToTheEnd(input);

    assertThat(seen).containsExactly("below.csv");
  }

  @Test
  void takesTheOldestFirstAndEachOnceAlsoAfterItWasReplaced() throws Exception {
    Path input = Files.createDirectories(folder.resolve("input"));
    for (int second = 1; second <= 25; second++) {
      write(input, "f" + second + ".csv", second);
    }
    runToTheEnd(input, 2);
    assertThat(seen)
        .containsExactlyElementsOf(
            IntStream.rangeClosed(1, 25).mapToObj(second -> "f" + second + ".csv").toList());
    assertThat(batches).hasSize(13);

    write(input, "f7.csv", 100);
    write(input, "f26.csv", 26);
    runToTheEnd(input, 2);

    assertThat(seen).hasSize(26).endsWith("f26.csv");
  }

  @Test
  void replaysABatchWithTheFilesAndTimesThatItHad() throws Exception {
    Path input = Files.createDirectories(folder.resolve("input"));
    write(input, "b.csv", 2);
    write(input, "c.csv", 3);
    failing = true;
    assertThatThrownBy(() -> runToTheEnd(input)).isInstanceOf(StreamingQueryException.class);

    failing = false;
    write(input, "a.csv", 1);
    write(input, "b.csv", 9);
    Files.delete(input.resolve("c.csv"));
    runToTheEnd(input);

    assertThat(batches)
        .containsExactly(
            List.of("b.csv 2", "c.csv 3"), List.of("b.csv 2", "c.csv 3"), List.of("a.csv 1"));
  }

  @Test
  void endsWithTheFolderNamedWhereItIsGone() throws Exception {
    Path input = folder.resolve("input");

    assertThatThrownBy(() -> runToTheEnd(input))
        .hasRootCauseMessage(
            "source.files.path: there is no folder "
                + input
                + ". Make it, or name another; files are read as they appear in it.");
  }

  private static void write(Path input, String name, int second) throws IOException {
    Path file = Files.writeString(input.resolve(name), "id\n1\n");
    Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(second)));
  }

  private void runToTheEnd(Path input) throws Exception {
    runToTheEnd(input, 100);
  }

  private void runToTheEnd(Path input, long maxFiles) throws Exception {
    FileSourceDefinition source =
        new FileSourceDefinition(input.toString(), FileFormat.CSV, maxFiles, Map.of());
    new FileSource(source)
        .open(SPARK.session())
        .writeStream()
        .option("checkpointLocation", folder.resolve("checkpoint").toString())
        .trigger(Trigger.AvailableNow())
        .foreachBatch((VoidFunction2<Dataset<Row>, Long>) (rows, batch) -> look(rows))
        .start()
        .awaitTermination();
  }

  private void look(Dataset<Row> rows) {
    List<SourceFile> files = FileSource.files(rows);
    files.forEach(file -> seen.add(file.name()));
    batches.add(
        files.stream().map(file -> file.name() + " " + file.modifiedMillis() / 1000).toList());
    if (failing) {
      throw new IllegalStateException("as a crash before the commit");
    }
  }
}
