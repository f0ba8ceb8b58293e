package dev.millrace.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.config.FileFormat;
import dev.millrace.config.FileSourceDefinition;
import dev.millrace.error.UserException;
import dev.millrace.table.InferenceOrigin.Inferred;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FilesInferenceOriginTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  @TempDir Path folder;

  @Test
  void findsTheTypeThatAllValuesOfCsvCanBe() throws IOException {
    write("a.csv", "id,price,zip,on,at,paid,note,file\n1,12,01234,2025-11-07,n/a,true,x,\n", 1);
    write(
        "b.csv",
        "price,id,zip,on,at,paid,note,file\n12.5,2,99999,,2025-11-07T11:29:32.953131Z,false,7,\n",
        2);
    write("other.csv", "id,colour\nthree,red\n", 3);
    write(".hidden.csv", "hidden\n1\n", 0);
    write("empty.csv", "", 0);

    Inferred inferred = origin(FileFormat.CSV, Set.of("n/a")).infer().orElseThrow();

    assertThat(inferred.from()).isEqualTo("2 rows of 2 files in " + folder);
    assertThat(inferred.table().toYaml())
        .isEqualTo(
            """
            table:
              columns:
                id: {type: bigint}
                price: {type: double}
                zip: {type: string}
                "on": {type: date, unit: iso}
                at: {type: timestamp, unit: iso}
                paid: {type: boolean}
                note: {type: string}
                # No value was seen, only null.
                table_file: {from: file, type: string}
            """);
  }

  @Test
  void takesTextsOfJsonForTexts() throws IOException {
    write("a.json", "{\"id\":1,\"code\":\"7\"}\n{\"id\":\n", 1);
    write("b.json", "{\"id\":2,\"at\":\"2025-11-07T11:29:32Z\",\"tags\":[1]}\n", 2);

    Inferred inferred = origin(FileFormat.JSON, Set.of()).infer().orElseThrow();

    assertThat(inferred.table().toYaml())
        .isEqualTo(
            """
            table:
              columns:
                id: {type: bigint}
                # All values could be read as bigint, such as "7".
                code: {type: string}
                at: {type: timestamp, unit: iso}
                tags: {type: "array<bigint>"}
            """);
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"PARQUET", "ORC"})
  void takesTheTypesThatAFileSays(FileFormat format) throws IOException {
    write("broken", "no such format", 1);
    copy("good", format, "1L AS id", "12.50BD AS `the price`", "array('a') AS tags");

    Inferred inferred = origin(format, Set.of()).infer().orElseThrow();

    assertThat(inferred.from()).isEqualTo("file good in " + folder);
    assertThat(inferred.table().toYaml())
        .isEqualTo(
            """
            table:
              columns:
                id: {type: bigint}
                the_price: {from: the price, type: "decimal(4,2)"}
                tags: {type: "array<string>"}
            """);
  }

  @Test
  void namesEveryColumnThatNoTableCanHave() throws IOException {
    copy("good", FileFormat.PARQUET, "1 AS id", "struct(1 AS a) AS s", "map(1, 'x') AS m");

    FilesInferenceOrigin origin = origin(FileFormat.PARQUET, Set.of());

    assertThatThrownBy(origin::infer)
        .isInstanceOfSatisfying(
            UserException.class,
            error ->
                assertThat(error.problems())
                    .containsExactly(
                        "table.columns: can't be inferred from file good: its column 's' is"
                            + " struct<a:int>, which no column of a table can be. Write the files"
                            + " without it, or as its JSON text.",
                        "table.columns: can't be inferred from file good: its column 'm' is"
                            + " map<int,string>, which no column of a table can be. Write the files"
                            + " without it, or as its JSON text."));
  }

  @Test
  void waitsForAFileThatCanBeRead() throws Exception {
    write("broken", "no Parquet", 1);
    FilesInferenceOrigin origin = origin(FileFormat.PARQUET, Set.of());

    Optional<Inferred> before = origin.infer();
    boolean isMoreThere = origin.awaitMore(() -> true);
    copy("good", FileFormat.PARQUET, "1 AS id");

    assertThat(before).isEmpty();
    assertThat(isMoreThere).isFalse();
    assertThat(origin.awaitMore(() -> false)).isTrue();
    assertThat(origin.infer()).isPresent();
  }

  private FilesInferenceOrigin origin(FileFormat format, Set<String> nullTokens) {
    return new FilesInferenceOrigin(
        SPARK.session(),
        new FileSourceDefinition(folder.toString(), format, 100, Map.of()),
        nullTokens);
  }

  private void write(String name, String text, int second) throws IOException {
    Path file = Files.writeString(folder.resolve(name), text);
    Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochSecond(1_700_000_000 + second)));
  }

  /** One row, as Spark writes it. */
  private void copy(String name, FileFormat format, String... columns) throws IOException {
    Path written = folder.resolve("_written");
    SPARK
        .session()
        .range(1)
        .selectExpr(columns)
        .write()
        .mode("overwrite")
        .format(format.spelling())
        .save(written.toString());
    try (Stream<Path> parts = Files.list(written)) {
      Path part =
          parts
              .filter(path -> path.getFileName().toString().startsWith("part-"))
              .findFirst()
              .orElseThrow();
      Files.copy(part, folder.resolve(name));
    }
  }
}
