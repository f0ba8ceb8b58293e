package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.FileFormat;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TableDefinition.TextEncoding;
import dev.millrace.event.FileColumns;
import dev.millrace.event.Relation;
import dev.millrace.pipeline.FileIntake.Files;
import dev.millrace.source.FileReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FileIntakeTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final TableDefinition ORDERS =
      new TableDefinition(
          List.of(),
          TextEncoding.NONE,
          Set.of(),
          OnError.REJECT,
          List.of(
              new ColumnDefinition("id", "id", DataTypes.LongType, TimeUnit.NONE),
              new ColumnDefinition("note", "note", DataTypes.StringType, TimeUnit.NONE)));

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"PARQUET", "ORC"})
  void findsWhatIsCutOffOrOverwrittenAmongGoodFiles(FileFormat format) throws IOException {
    byte[] good = aFile(format);
    write("good", good);
    write("also-good", good);
    write("cut-off", Arrays.copyOf(good, good.length / 2));
    write("text", "no such format".getBytes(StandardCharsets.UTF_8));
    byte[] overwritten = good.clone();
    // The rows, behind the magic bytes; the footer, which says where they are, stays as it was.
    Arrays.fill(overwritten, 8, 200, (byte) 0x55);
    write("overwritten", overwritten);

    Files files = intake(format, Map.of()).check(SPARK.session(), paths());

    assertThat(files.odd()).containsOnlyKeys("cut-off", "overwritten", "text");
    assertThat(files.odd().get("overwritten").message())
        .startsWith(
            "Cannot take the file overwritten: it can't be read as " + format.spelling() + " (");
  }

  @Test
  void findsAFileThatIsGone() throws IOException {
    write("good.csv", "id,note\n1,one\n".getBytes(StandardCharsets.UTF_8));
    List<String> paths =
        Stream.concat(paths().stream(), Stream.of(folder.resolve("gone.csv").toString())).toList();

    Files files = intake(FileFormat.CSV, Map.of()).check(SPARK.session(), paths);

    assertThat(files.odd()).containsOnlyKeys("gone.csv");
  }

  @Test
  void blamesNoFileForWhatAnyFileWouldFailAt() throws IOException {
    write("good.csv", "id,note\n1,one\n".getBytes(StandardCharsets.UTF_8));
    FileIntake intake = intake(FileFormat.PARQUET, Map.of("mergeSchema", "perhaps"));

    assertThatThrownBy(() -> intake.check(SPARK.session(), paths()))
        .isInstanceOf(RuntimeException.class)
        .hasMessageContaining("perhaps");
  }

  private static FileIntake intake(FileFormat format, Map<String, String> options) {
    Relation relation = new Relation("rows", ORDERS.rowType().add(FileColumns.POSITION.get(0)));
    return new FileIntake(new FileReader(format, options, ORDERS), relation, Optional.empty());
  }

  /** The bytes of a file with a thousand orders, as Spark writes them without compression. */
  private byte[] aFile(FileFormat format) throws IOException {
    Path written = folder.resolve("written");
    SPARK
        .session()
        .range(0, 1000, 1, 1)
        .selectExpr("id", "concat('note ', id) AS note")
        .write()
        .option("compression", "none")
        .format(format.spelling())
        .save(written.toString());
    try (Stream<Path> parts = java.nio.file.Files.list(written)) {
      Path part =
          parts
              .filter(path -> path.getFileName().toString().startsWith("part-"))
              .findFirst()
              .orElseThrow();
      return java.nio.file.Files.readAllBytes(part);
    }
  }

  private void write(String name, byte[] bytes) throws IOException {
    Path input = java.nio.file.Files.createDirectories(folder.resolve("input"));
    java.nio.file.Files.write(input.resolve(name), bytes);
  }

  private List<String> paths() {
    try (Stream<Path> files = java.nio.file.Files.list(folder.resolve("input"))) {
      return files.map(Path::toString).sorted().toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
