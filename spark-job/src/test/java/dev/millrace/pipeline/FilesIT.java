package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.StackExtension;
import dev.millrace.deadletter.DeadLetters;
import dev.millrace.deadletter.RejectedFile;
import dev.millrace.error.UserException;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files as a source: of every format, to every format, some of which are rejected. */
@ExtendWith(StackExtension.class)
class FilesIT {

  private static final String PIPELINE =
      """
      name: orders
      source: {files: {path: "${INPUT_DIR}", format: "${INPUT_FORMAT}"}}
      table:
        key: [id]
        columns:
          id: {type: bigint}
          price: {type: "decimal(10,2)"}
          at: {type: timestamp, unit: iso}
          paid: {type: boolean}
          note: {type: string}
      outputs:
        orders: {sql: "SELECT id, price, at, paid, note FROM rows", sink: parquet}
        records: {sql: "SELECT id, note, file FROM rows", key: [id], sink: kafka}
      sinks:
        parquet: {path: "${OUTPUT_DIR}/parquet"}
        orc: {path: "${OUTPUT_DIR}/orc"}
        csv: {path: "${OUTPUT_DIR}/csv"}
        json: {path: "${OUTPUT_DIR}/json"}
        kafka: {bootstrap-servers: "${KAFKA:-localhost:9092}", topic: orders-of-files}
      dead-letters: {sink: parquet, path: "${OUTPUT_DIR}/dead-letters"}
      """;

  private static final String HEADER = "id,price,at,paid,note\n";
  private static final String FIRST = "1,12.50,2025-11-07T11:29:32.953131Z,true,\"one, quoted\"\n";
  private static final String SECOND = "2,,2025-11-07T11:29:33Z,false,\n";

  @TempDir Path folder;

  @Test
  void takesGoodFilesOnceAndRejectsOddOnes() throws Exception {
    Path input = Files.createDirectories(folder.resolve("input"));
    Files.writeString(input.resolve("good 1.csv"), HEADER + FIRST + SECOND);
    Files.writeString(input.resolve("good [2].csv"), "note,id,price,at,paid\nthree,3,1.00,,true\n");
    Files.writeString(input.resolve("columns.csv"), "id,cost\n9,1\n");
    Files.writeString(input.resolve("types.csv"), HEADER + "nine,1.00,,true,x\n" + FIRST);
    Files.writeString(input.resolve("lines.csv"), HEADER + "9,1.00\n");
    Files.writeString(input.resolve("empty.csv"), "");
    Files.write(input.resolve("bytes.csv.gz"), "no gzip".getBytes(StandardCharsets.UTF_8));
    Files.createDirectories(input.resolve("sub"));
    Files.writeString(input.resolve("sub/below.csv"), HEADER + FIRST);
    ShippedRun run = run("csv", input);

    String seen = run.run("orders", "parquet");

    assertThat(seen).contains("8 read = 3 changes + 5 rejected + 0 skipped");
    assertThat(ids("parquet")).containsExactly("1 0", "2 0", "3 0");
    assertThat(rejects())
        .containsExactly(
            "below.csv INVALID_FILE",
            "bytes.csv.gz INVALID_FILE",
            "columns.csv INVALID_FILE",
            "lines.csv INVALID_FILE",
            "types.csv INVALID_FILE");
    assertThat(reason("columns.csv"))
        .isEqualTo(
            "Cannot take the file columns.csv: its columns are id, cost; expected id, price, at,"
                + " paid, note. Nothing of it was taken. Correct it and put it into the folder"
                + " under another name.");
    assertThat(reason("types.csv"))
        .contains("types.csv: line 2: Cannot read column id from field \"id\": found `\"nine\"`");
    assertThat(reason("lines.csv")).contains("line 2: it has 2 values instead of the 5");
    assertThat(reason("below.csv")).contains("it is in the folder 'sub' below the one");

    Files.writeString(input.resolve("later.csv"), HEADER + "4,,,,\n");
    String again = run.run("orders", "parquet");

    assertThat(again).contains("1 read = 1 changes + 0 rejected + 0 skipped");
    assertThat(ids("parquet")).containsExactly("1 0", "2 0", "3 0", "4 1");
    assertThat(rejects()).hasSize(5);
  }

  @Test
  void readsFilesByTheNamesThatTheyHave() throws Exception {
    Path input = Files.createDirectories(folder.resolve("in[1] put"));
    List<String> names = List.of("a1.csv", "a[1].csv", "a b.csv", "a%20b.csv", "a*.csv");
    for (int id = 0; id < names.size(); id++) {
      Files.writeString(input.resolve(names.get(id)), HEADER + id + ",,,,\n");
    }

    run("csv", input).with("outputs.orders.sql=SELECT id, file FROM rows").run("orders", "parquet");

    assertThat(
            ParquetFiles.query(
                folder.resolve("output/parquet"), "SELECT id, file FROM rows ORDER BY id"))
        .extracting(row -> row.get("file"))
        .containsExactlyElementsOf(names);
  }

  /** Hadoop takes what is before a colon for the scheme of a URI. */
  @ParameterizedTest
  @ValueSource(strings = {"csv", "json", "parquet", "orc"})
  void readsFilesWithColonsInTheirNames(String format) throws Exception {
    Path input = Files.createDirectories(folder.resolve("input"));
    List<String> names =
        Stream.of("10:30", "good", "2026-11-29T17:05:00", "a:b:c")
            .map(name -> name + "." + format)
            .toList();
    for (int id = 0; id < names.size(); id++) {
      writeOrder(format, id, input.resolve(names.get(id)));
    }
    // As in a new process, where Hadoop opens the source's folder before there is a session.
    FileSystem.closeAll();

    String seen =
        run(format, input)
            .with("outputs.orders.sql=SELECT id, file FROM rows")
            .run("orders", "parquet");

    assertThat(seen).contains("4 read = 4 changes + 0 rejected + 0 skipped");
    assertThat(
            ParquetFiles.query(
                folder.resolve("output/parquet"), "SELECT id, file FROM rows ORDER BY id"))
        .extracting(row -> row.get("file"))
        .containsExactlyElementsOf(names);
  }

  /** A file of one order, which has a number alone. */
  private void writeOrder(String format, int id, Path file) throws Exception {
    switch (format) {
      case "csv" -> Files.writeString(file, HEADER + id + ",,,,\n");
      case "json" -> Files.writeString(file, "{\"id\":" + id + "}\n");
      case "parquet" -> {
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
            Statement statement = duckdb.createStatement()) {
          statement.execute(
              """
              COPY (SELECT %d::BIGINT AS id, NULL::DECIMAL(10,2) AS price, NULL::TIMESTAMPTZ AS at,
                NULL::BOOLEAN AS paid, NULL::VARCHAR AS note) TO '%s' (FORMAT parquet)
              """
                  .formatted(id, file));
        }
      }
      default -> {
        Path csv = Files.createDirectories(folder.resolve("csv-" + id));
        Files.writeString(csv.resolve("order.csv"), HEADER + id + ",,,,\n");
        run("csv", csv)
            .with("name=orders-" + id)
            .with("sinks.orc.path=" + folder.resolve("orc-" + id))
            .with("dead-letters.path=" + folder.resolve("no-dead-letters-" + id))
            .run("orders", "orc");
        Files.copy(onlyFile(folder.resolve("orc-" + id + "/batch=0")), file);
      }
    }
  }

  /** The batch is replayed as if the run had been killed before the batch's dead letters. */
  @Test
  void rejectsAFileThatWasCorrectedInPlaceBeforeItsBatchWasReplayed() throws Exception {
    Path input = Files.createDirectories(folder.resolve("input"));
    Files.writeString(input.resolve("good.csv"), HEADER + FIRST);
    Path corrected = Files.writeString(input.resolve("corrected.csv"), HEADER + "two,,,,\n");
    run("csv", input).run("orders", "parquet");
    assertThat(rejects()).containsExactly("corrected.csv INVALID_FILE");
    delete(folder.resolve("checkpoints/orders/orders/parquet/commits"));
    try (Stream<Path> queries = Files.list(folder.resolve("output/dead-letters"))) {
      for (Path query : queries.toList()) {
        delete(query.resolve("batch=0"));
      }
    }
    Files.writeString(corrected, HEADER + "2,,,,\n");
    Files.setLastModifiedTime(corrected, FileTime.from(Instant.parse("2030-01-01T00:00:00Z")));

    String seen = run("csv", input).run("orders", "parquet");

    assertThat(seen).contains("2 read = 1 changes + 1 rejected + 0 skipped");
    assertThat(ids("parquet")).containsExactly("1 0");
    assertThat(rejects()).containsExactly("corrected.csv INVALID_FILE");
    assertThat(reason("corrected.csv"))
        .contains("it was modified at 2030-01-01T00:00:00Z, after it had been found");
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> paths = Files.walk(folder)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  @Test
  void infersTheColumnsAtTheFirstStart() throws Exception {
    Path input = Files.createDirectories(folder.resolve("input"));
    Files.writeString(input.resolve("a.csv"), "id,price\n1,12.5\n2,\n");
    Path file =
        Files.writeString(
            folder.resolve("inferred.yaml"),
            """
            name: inferred
            source: {files: {path: "%s", format: csv}}
            outputs: {orders: {}}
            sinks: {parquet: {path: "${OUTPUT_DIR}/parquet"}}
            dead-letters: {sink: parquet, path: "${OUTPUT_DIR}/dead-letters"}
            """
                .formatted(input));
    ShippedRun run = new ShippedRun(file.toString(), folder, Map.of());

    String first = run.run("orders", "parquet");
    Files.writeString(input.resolve("b.csv"), "id,price\n3,30\n");
    Files.writeString(input.resolve("c.csv"), "id,price\nfour,40\n");
    String second = run.run("orders", "parquet");

    assertThat(first)
        .contains(
            "table: inferred from 2 rows of 1 file in " + input,
            "    id: {type: bigint}",
            "    price: {type: double}",
            "2 read = 2 changes + 0 rejected + 0 skipped");
    assertThat(second)
        .contains(
            "table: 2 columns, as inferred at the first start ("
                + folder.resolve("checkpoints/inferred/table.yaml"),
            "2 read = 1 changes + 1 rejected + 0 skipped");
    assertThat(
            ParquetFiles.query(
                folder.resolve("output/parquet"), "SELECT id, price FROM rows ORDER BY id"))
        .extracting(row -> row.get("id") + " " + row.get("price"))
        .containsExactly("1 12.5", "2 null", "3 30.0");
    assertThat(rejects()).containsExactly("c.csv INVALID_FILE");
    assertThat(DeadLetters.files(run.load("orders", "parquet")))
        .extracting(RejectedFile::file)
        .containsExactly("c.csv");
  }

  @Test
  void carriesRowsThroughEveryFormat() throws Exception {
    Path input = Files.createDirectories(folder.resolve("input"));
    Files.writeString(input.resolve("orders.csv"), HEADER + FIRST + SECOND);

    run("csv", input).run("orders", "orc");
    run("orc", batch("orc")).with("name=second").run("orders", "parquet");
    run("parquet", batch("parquet")).with("name=third").run("orders", "json");
    run("json", batch("json")).with("name=fourth").run("orders", "csv");

    assertThat(lines("json"))
        .containsExactly(
            "{\"id\":1,\"price\":12.50,\"at\":\"2025-11-07T11:29:32.953131Z\",\"paid\":true,\"note\":\"one,"
                + " quoted\"}",
            "{\"id\":2,\"price\":null,\"at\":\"2025-11-07T11:29:33.000000Z\",\"paid\":false,\"note\":null}");
    assertThat(lines("csv"))
        .containsExactly(
            "id,price,at,paid,note",
            "1,12.50,2025-11-07T11:29:32.953131Z,true,\"one, quoted\"",
            "2,,2025-11-07T11:29:33.000000Z,false,");
  }

  @Test
  void rejectsFilesOfAnotherFormatOrSchema() throws Exception {
    Path input = Files.createDirectories(folder.resolve("input"));
    Files.writeString(input.resolve("good.json"), "{\"id\":1}\n\n{\"id\":2,\"note\":\"n\"}\n");
    Files.writeString(input.resolve("broken.json"), "{\"id\":3}\n{\"id\":\n");
    Files.writeString(input.resolve("fields.json"), "{\"id\":4,\"colour\":\"red\"}\n");

    run("json", input).run("orders", "parquet");

    assertThat(ids("parquet")).containsExactly("1 0", "2 0");
    assertThat(reason("broken.json")).contains("it ends in the middle");
    assertThat(reason("fields.json")).contains("it has a field that is not declared: 'colour'");

    Path parquet = Files.createDirectories(folder.resolve("parquet-input"));
    Files.copy(onlyFile(folder.resolve("output/parquet/batch=0")), parquet.resolve("good.parquet"));
    Files.writeString(parquet.resolve("text.parquet"), "PAR1 but no Parquet");
    run("parquet", parquet).with("name=typed").run("orders", "json");

    assertThat(lines("json")).hasSize(2);
    assertThat(reason("text.parquet")).contains("it can't be read as parquet (");
  }

  @Test
  void deliversToKafkaOnce(LocalStack stack) throws Exception {
    Path input = Files.createDirectories(folder.resolve("input"));
    Files.writeString(input.resolve("a.csv"), HEADER + FIRST);
    ShippedRun run =
        new ShippedRun(
            pipeline().toString(),
            folder,
            Map.of(
                "INPUT_DIR", input.toString(),
                "INPUT_FORMAT", "csv",
                "KAFKA", stack.bootstrapServers()));

    run.run("records", "kafka");
    Files.writeString(input.resolve("b.csv"), HEADER + SECOND);
    run.run("records", "kafka");

    assertThat(stack.committedRecords("orders-of-files"))
        .extracting(ConsumerRecord::value)
        .containsExactlyInAnyOrder(
            "{\"id\":1,\"note\":\"one, quoted\",\"file\":\"a.csv\"}",
            "{\"id\":2,\"note\":null,\"file\":\"b.csv\"}");
  }

  @Test
  void textIsLinesOfUtf8() throws Exception {
    Path input = Files.createDirectories(folder.resolve("input"));
    Files.writeString(input.resolve("good.txt"), "first\nsecond \u00fc\n");
    Files.write(input.resolve("latin.txt"), new byte[] {'n', (byte) 0xfc, '\n'});
    Path file = folder.resolve("text.yaml");
    Files.writeString(
        file,
        """
        name: text
        source: {files: {path: "%s", format: text}}
        outputs: {upper: {sql: "SELECT upper(value) AS value FROM rows", sink: text}}
        sinks: {text: {path: "${OUTPUT_DIR}/text"}}
        dead-letters: {sink: parquet, path: "${OUTPUT_DIR}/dead-letters"}
        """
            .formatted(input));

    new ShippedRun(file.toString(), folder, Map.of()).run("upper", "text");

    assertThat(lines("text")).containsExactly("FIRST", "SECOND \u00dc");
    assertThat(reason("latin.txt")).contains("it is not UTF-8 text");
  }

  @Test
  void endsAtARejectedFileWhereTheTableSaysSo() throws Exception {
    Path input = Files.createDirectories(folder.resolve("input"));
    Files.writeString(input.resolve("good.csv"), HEADER + FIRST);
    Files.writeString(input.resolve("types.csv"), HEADER + "nine,,,,\n");

    assertThatThrownBy(() -> run("csv", input).with("table.on-error=fail").run("orders", "parquet"))
        .hasMessageContaining("Cannot take the file types.csv: line 2: ")
        .hasMessageContaining("The query ends at such a file because table.on-error is fail");
    assertThat(folder.resolve("output/parquet/batch=0")).doesNotExist();
  }

  @Test
  void refusesWhatItCannotDo() throws Exception {
    Path input = Files.createDirectories(folder.resolve("input"));

    assertThatThrownBy(
            () ->
                run("csv", input)
                    .with("outputs.orders.sql=SELECT paid, count(*) AS n FROM rows GROUP BY paid")
                    .run("orders", "parquet"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(
            "an aggregate that continues from batch to batch is not possible over files");
    assertThatThrownBy(() -> run("csv", input).run("orders", "text"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("to_json(struct(*)) AS value");
    assertThatThrownBy(() -> run("csv", folder.resolve("nowhere")).run("orders", "parquet"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("source.files.path: there is no folder");
  }

  private ShippedRun run(String format, Path input) throws IOException {
    return new ShippedRun(
        pipeline().toString(),
        folder,
        Map.of("INPUT_DIR", input.toString(), "INPUT_FORMAT", format));
  }

  private Path pipeline() throws IOException {
    return Files.writeString(folder.resolve("orders.yaml"), PIPELINE);
  }

  /** Each row's id and the batch that it came in. */
  private List<String> ids(String sink) throws Exception {
    return ParquetFiles.query(
            folder.resolve("output").resolve(sink), "SELECT * FROM rows ORDER BY id")
        .stream()
        .map(row -> row.get("id") + " " + row.get("batch"))
        .toList();
  }

  private List<String> rejects() throws Exception {
    return allRejects("SELECT file, code FROM rows ORDER BY file, code").stream()
        .map(row -> row.get("file") + " " + row.get("code"))
        .sorted()
        .toList();
  }

  private String reason(String file) throws Exception {
    return (String)
        allRejects("SELECT message FROM rows WHERE file = '" + file + "'").get(0).get("message");
  }

  private List<Map<String, Object>> allRejects(String sql) throws Exception {
    List<Map<String, Object>> rejects = new java.util.ArrayList<>();
    try (Stream<Path> queries = Files.list(folder.resolve("output/dead-letters"))) {
      for (Path query :
          queries.filter(path -> path.getFileName().toString().startsWith("query=")).toList()) {
        rejects.addAll(ParquetFiles.query(query, sql));
      }
    }
    return rejects;
  }

  private Path batch(String sink) {
    return folder.resolve("output").resolve(sink).resolve("batch=0");
  }

  private List<String> lines(String sink) throws IOException {
    return Files.readAllLines(onlyFile(batch(sink)));
  }

  private static Path onlyFile(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> parts =
          files.filter(path -> path.getFileName().toString().startsWith("part-")).toList();
      assertThat(parts).hasSize(1);
      return parts.get(0);
    }
  }
}
