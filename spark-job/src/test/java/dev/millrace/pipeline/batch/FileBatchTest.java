package dev.millrace.pipeline.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.FileFormat;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TextEncoding;
import dev.millrace.event.DecodeCounts;
import dev.millrace.source.file.FileFolder;
import dev.millrace.source.file.FileReader;
import dev.millrace.source.file.FileRecords;
import dev.millrace.source.file.SourceFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

public class FileBatchTest {

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

  private static final TableDefinition TIMES =
      new TableDefinition(
          List.of(),
          TextEncoding.NONE,
          Set.of(),
          OnError.REJECT,
          List.of(
              new ColumnDefinition("id", "id", DataTypes.LongType, TimeUnit.NONE),
              new ColumnDefinition("at", "at", DataTypes.TimestampType, TimeUnit.ISO),
              new ColumnDefinition(
                  "past",
                  "past",
                  DataTypes.createArrayType(DataTypes.TimestampType),
                  TimeUnit.ISO)));

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
    // The rows, behind the magic bytes; the footer, which states where they are, stays as it was.
    Arrays.fill(overwritten, 8, 200, (byte) 0x55);
    write("overwritten", overwritten);

    Map<String, String> rejected = rejected(format, files());

    assertThat(rejected).containsOnlyKeys("cut-off", "overwritten", "text");
    assertThat(rejected.get("overwritten"))
        .startsWith(
            "Cannot take the file overwritten: it can't be read as " + format.spelling() + " (");
  }

  @Test
  void findsAFileThatIsGone() throws IOException {
    write("good.csv", "id,note\n1,one\n".getBytes(StandardCharsets.UTF_8));
    write("gone.csv", "id,note\n1,one\n".getBytes(StandardCharsets.UTF_8));
    List<SourceFile> found = files();
    java.nio.file.Files.delete(folder.resolve("input/gone.csv"));

    Map<String, String> rejected = rejected(FileFormat.CSV, found);

    assertThat(rejected).containsOnlyKeys("gone.csv");
    assertThat(rejected.get("gone.csv")).contains("it was found in the folder and is not there");
  }

  @Test
  void readsTimestampsWithoutAZoneAsThoseOfUtc() throws Exception {
    copy(
        "without-zone.parquet",
        "SELECT 1::BIGINT AS id, TIMESTAMP '2025-03-30 02:30:00.123456' AS at,"
            + " [TIMESTAMP '0001-01-01 00:00:00', NULL] AS past");
    copy(
        "with-zone.parquet",
        "SELECT 2::BIGINT AS id, TIMESTAMPTZ '2025-03-30 02:30:00.123456+00' AS at,"
            + " [TIMESTAMPTZ '0001-01-01 00:00:00+00'] AS past");
    copy(
        "milliseconds.parquet",
        "SELECT 3::BIGINT AS id, TIMESTAMP_MS '2025-03-30 02:30:00.123' AS at,"
            + " []::TIMESTAMP_MS[] AS past");

    FileBatch batch = batch(FileFormat.PARQUET, Map.of(), files(), TIMES);

    assertThat(batch.rows().selectExpr("id", "string(at)", "string(past)", "file").collectAsList())
        .extracting(Row::mkString)
        .containsExactlyInAnyOrder(
            "12025-03-30 02:30:00.123456[0001-01-01 00:00:00, null]without-zone.parquet",
            "22025-03-30 02:30:00.123456[0001-01-01 00:00:00]with-zone.parquet",
            "32025-03-30 02:30:00.123[]milliseconds.parquet");
    assertThat(batch.outcomes()).noneMatch(FileOutcome::isRejected);
  }

  @Test
  void namesFilesWithTypesThatSparkDoesNotHave() throws Exception {
    copy("good.parquet", "SELECT 1::BIGINT AS id, 'x' AS note");
    copy(
        "nanoseconds.parquet",
        "SELECT 1::BIGINT AS id, TIMESTAMP_NS '2025-01-01 00:00:00' AS note");
    copy("time.parquet", "SELECT 1::BIGINT AS id, TIME '12:00:00' AS note");

    Map<String, String> rejected = rejected(FileFormat.PARQUET, files());

    assertThat(rejected).containsOnlyKeys("nanoseconds.parquet", "time.parquet");
    assertThat(rejected.get("nanoseconds.parquet"))
        .isEqualTo(
            "Cannot take the file nanoseconds.parquet: its column note has timestamps in"
                + " nanoseconds; expected microseconds or milliseconds (pandas: to_parquet(...,"
                + " coerce_timestamps=\"us\")). Nothing of it was taken. Correct it and put it into"
                + " the folder under another name.");
    assertThat(rejected.get("time.parquet"))
        .contains("it can't be read as parquet (Illegal Parquet type: INT64 (TIME(MICROS,false))");
  }

  @Test
  void namesFilesWithOtherColumnsOrTypes() throws Exception {
    copy("good.parquet", "SELECT 'x' AS note, 1::BIGINT AS id");
    copy("integer.parquet", "SELECT 1::INTEGER AS id, 'x' AS note");
    copy("case.parquet", "SELECT 1::BIGINT AS \"ID\", 'x' AS note");
    copy("more.parquet", "SELECT 1::BIGINT AS id, 'x' AS note, 1 AS \"a\nb\"");
    copy("fewer.parquet", "SELECT 1::BIGINT AS id");
    copy("none.parquet", "SELECT 1::BIGINT AS id, 'x' AS note LIMIT 0");

    Map<String, String> rejected = rejected(FileFormat.PARQUET, files());

    assertThat(rejected)
        .containsOnlyKeys("integer.parquet", "case.parquet", "more.parquet", "fewer.parquet");
    assertThat(rejected.get("integer.parquet"))
        .contains("its column id is a INT; expected BIGINT.");
    assertThat(rejected.get("case.parquet"))
        .contains("its columns are ID, note; expected id, note.");
    assertThat(rejected.get("more.parquet"))
        .contains("its columns are id, note, a\\u000ab; expected id, note.");
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"PARQUET", "ORC"})
  void namesFilesOfOtherFormatsAndWithDamagedFooters(FileFormat format) throws IOException {
    byte[] good = aFile(format);
    write("good", good);
    byte[] footer = good.clone();
    Arrays.fill(footer, good.length - 60, good.length - 12, (byte) 0xff);
    write("footer", footer);
    byte[] length = good.clone();
    length[good.length - 6] = 0x7f;
    length[good.length - 1] = (byte) 0xff;
    write("length", length);
    write("end-cut-off", Arrays.copyOf(good, good.length - 1));
    write("start-cut-off", Arrays.copyOfRange(good, 10, good.length));
    write("one-byte", new byte[] {1});
    write("magic", "PAR1ORC".getBytes(StandardCharsets.UTF_8));
    write("avro", "Obj\u0001\u0004\u0016avro.schema".getBytes(StandardCharsets.UTF_8));
    write("zip.gz", gzip(good));

    assertThat(rejected(format, files()))
        .containsOnlyKeys(
            "footer",
            "length",
            "end-cut-off",
            "start-cut-off",
            "one-byte",
            "magic",
            "avro",
            "zip.gz");
  }

  @Test
  void namesCompressedFilesThatEndTooEarlyOrAreCompressedTwice() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int id = 0; id < 5000; id++) {
      lines.append("{\"id\":").append(id).append(",\"note\":\"").append(id * 31).append("\"}\n");
    }
    byte[] good = gzip(lines.toString().getBytes(StandardCharsets.UTF_8));
    write("good.json.gz", good);
    write("cut-off.json.gz", Arrays.copyOf(good, good.length / 2));
    write("checksum-cut-off.json.gz", Arrays.copyOf(good, good.length - 5));
    write("header-only.json.gz", Arrays.copyOf(good, 10));
    byte[] damaged = good.clone();
    damaged[good.length / 2] ^= 0x55;
    write("damaged.json.gz", damaged);
    write("twice.json.gz", gzip(good));
    write("plain.json.gz", "{\"id\":1}\n".getBytes(StandardCharsets.UTF_8));
    write("no-suffix.json", good);

    FileBatch batch = batch(FileFormat.JSON, Map.of(), files());

    assertThat(batch.rows().groupBy("file").count().collectAsList())
        .extracting(Row::mkString)
        .containsExactly("good.json.gz5000");
    assertThat(FileBatches.rejected(batch))
        .containsOnlyKeys(
            "cut-off.json.gz",
            "checksum-cut-off.json.gz",
            "header-only.json.gz",
            "damaged.json.gz",
            "twice.json.gz",
            "plain.json.gz",
            "no-suffix.json");
  }

  @Test
  void namesFilesThatAreNotTheOnesThatWereFound() throws IOException {
    write("good.json", "{\"id\":1}\n".getBytes(StandardCharsets.UTF_8));
    write("corrected.json", "{\"id\":\n".getBytes(StandardCharsets.UTF_8));
    write("gone.json", "{\"id\":1}\n".getBytes(StandardCharsets.UTF_8));
    write("folder.json", "{\"id\":1}\n".getBytes(StandardCharsets.UTF_8));
    List<SourceFile> found = files();
    Path input = folder.resolve("input");
    java.nio.file.Files.writeString(input.resolve("corrected.json"), "{\"id\":2}\n");
    java.nio.file.Files.setLastModifiedTime(
        input.resolve("corrected.json"), FileTime.from(Instant.parse("2030-01-01T00:00:00Z")));
    java.nio.file.Files.delete(input.resolve("gone.json"));
    java.nio.file.Files.delete(input.resolve("folder.json"));
    java.nio.file.Files.createDirectory(input.resolve("folder.json"));

    Map<String, String> rejected = rejected(FileFormat.JSON, found);

    assertThat(rejected).containsOnlyKeys("corrected.json", "gone.json", "folder.json");
    assertThat(rejected.get("corrected.json"))
        .contains("it was modified at 2030-01-01T00:00:00Z, after it had been found");
    assertThat(rejected.get("folder.json")).contains("it is a folder now.");
  }

  @Test
  void takesNothingOfAFileThatChangesWhileItIsRead() throws Exception {
    write("a.json", "{\"id\":1}\n{\"id\":2}\n".getBytes(StandardCharsets.UTF_8));
    FileReader reader = new FileReader(SPARK.session(), FileFormat.JSON, Map.of(), ORDERS);
    try (FileRecords records = reader.open(files().get(0))) {
      assertThat(records.next()).isTrue();
      java.nio.file.Files.setLastModifiedTime(
          folder.resolve("input/a.json"), FileTime.from(Instant.parse("2030-01-01T00:00:00Z")));
      assertThat(records.next()).isTrue();

      assertThatThrownBy(records::next)
          .hasMessageStartingWith("it was modified at 2030-01-01T00:00:00Z");
    }
  }

  @Test
  void keepsNothingOfALargeFileWhoseLastLineCannotBeRead() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int id = 0; id < 20_000; id++) {
      lines.append("{\"id\":").append(id).append("}\n");
    }
    write("good.json", lines.toString().getBytes(StandardCharsets.UTF_8));
    write("last.json", (lines + "{\"id\":\n").getBytes(StandardCharsets.UTF_8));
    write("good-too.json", "{\"id\":-1}".getBytes(StandardCharsets.UTF_8));

    FileBatch batch = batch(FileFormat.JSON, Map.of(), files());

    assertThat(
            batch
                .rows()
                .groupBy("file")
                .agg(functions.count("id"), functions.sum("id"))
                .orderBy("file")
                .collectAsList())
        .extracting(Row::mkString)
        .containsExactly("good-too.json1-1", "good.json20000199990000");
    assertThat(FileBatches.rejected(batch)).containsOnlyKeys("last.json");
    assertThat(batch.metrics(true).counts()).isEqualTo(new DecodeCounts(20_001, 1, 0));
  }

  @Test
  void readsJsonAndTextWithAByteOrderMarkAndEveryLineBreak() throws IOException {
    write(
        "mark.json",
        "\ufeff{\"id\":1}\r\n\r\n{\"id\":2}\r{\"id\":3}".getBytes(StandardCharsets.UTF_8));
    write("mark-only.json", "\ufeff".getBytes(StandardCharsets.UTF_8));
    write("utf-16.json", "\ufeff{\"id\":1}\n".getBytes(StandardCharsets.UTF_16LE));

    FileBatch batch = batch(FileFormat.JSON, Map.of(), files());

    assertThat(batch.rows().select("id").as(Encoders.LONG()).collectAsList())
        .containsExactlyInAnyOrder(1L, 2L, 3L);
    assertThat(FileBatches.rejected(batch)).containsOnlyKeys("utf-16.json");
    FileBatch text = batch(FileFormat.TEXT, Map.of(), files());
    assertThat(
            text.rows()
                .where("file = 'mark.json'")
                .select("value")
                .as(Encoders.STRING())
                .collectAsList())
        .containsExactly("{\"id\":1}", "", "{\"id\":2}", "{\"id\":3}");
  }

  @Test
  void countsEveryUndeclaredFieldOfJson() throws IOException {
    write("good.json", "{\"id\":1}\n".getBytes(StandardCharsets.UTF_8));
    write(
        "fields.json",
        "{\"id\":1,\"__x\":1}\n{\"id\":1}\n{\"__x\":2,\"id\":1}\n"
            .getBytes(StandardCharsets.UTF_8));

    assertThat(rejected(FileFormat.JSON, files()))
        .containsOnlyKeys("fields.json")
        .extractingByKey("fields.json")
        .asString()
        .contains(
            "2 records can't be read, the first of them in line 1: it has a field that is not"
                + " declared: '__x'");
  }

  @Test
  void showsNamesInOneLineOfPrintableCharacters() throws IOException {
    write("a\nb\u001b[31m.json", "{".getBytes(StandardCharsets.UTF_8));

    FileBatch batch = batch(FileFormat.JSON, Map.of(), files());

    assertThat(FileBatches.rejected(batch).get("a\nb\u001b[31m.json"))
        .startsWith("Cannot take the file a\\u000ab\\u001b[31m.json: line 1: ");
    assertThat(
            batch
                .deadLetters(UnaryOperator.identity())
                .select("file")
                .as(Encoders.STRING())
                .first())
        .isEqualTo("a\nb\u001b[31m.json");
  }

  @Test
  void blamesNoFileForWhatAnyFileWouldFailAt() throws IOException {
    write("good.txt", "one\n".getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(() -> batch(FileFormat.TEXT, Map.of("lineSep", ""), files()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'lineSep' cannot be an empty string");
  }

  private static FileBatch batch(
      FileFormat format, Map<String, String> options, List<SourceFile> files) {
    return batch(format, options, files, ORDERS);
  }

  private static FileBatch batch(
      FileFormat format,
      Map<String, String> options,
      List<SourceFile> files,
      TableDefinition table) {
    return FileBatches.of(SPARK.session(), format, options, table, files);
  }

  /** Why files are rejected, by name. */
  private static Map<String, String> rejected(FileFormat format, List<SourceFile> files) {
    return FileBatches.rejected(batch(format, Map.of(), files));
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(compressed)) {
      out.write(bytes);
    }
    return compressed.toByteArray();
  }

  /** Has DuckDB write a file. */
  private void copy(String name, String sql) throws Exception {
    Path input = java.nio.file.Files.createDirectories(folder.resolve("input"));
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      statement.execute("COPY (" + sql + ") TO '" + input.resolve(name) + "' (FORMAT parquet)");
    }
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

  private List<SourceFile> files() throws IOException {
    return FileFolder.of(folder.resolve("input").toString(), new Configuration()).list();
  }
}
