package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.FileFormat;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TextEncoding;
import dev.millrace.pipeline.batch.FileBatch;
import dev.millrace.pipeline.batch.FileBatches;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import java.io.PrintWriter;
import java.io.Writer;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Values at the ends of their types in files, read back by other readers and by the source. */
class ExtremeValuesTest {

  private static SparkSession session;

  private static final StructType COLUMNS =
      StructType.fromDDL(
          "id BIGINT, note STRING, ratio DOUBLE, amount DECIMAL(38,10), at TIMESTAMP, day DATE");

  private record Value(String note, double ratio, String amount, String at, String day) {

    Row row(long id) {
      return RowFactory.create(
          id, note, ratio, new BigDecimal(amount), Instant.parse(at), LocalDate.parse(day));
    }

    /** In one form for all readers. */
    String text() {
      return text(
          note,
          ratio,
          new BigDecimal(amount),
          micros(Instant.parse(at)),
          LocalDate.parse(day).toEpochDay());
    }

    static String text(String note, double ratio, BigDecimal amount, long micros, long days) {
      return String.join(
          "|",
          note.replace('\u0000', '0'),
          Double.toString(ratio),
          amount.setScale(10).toPlainString(),
          Long.toString(micros),
          Long.toString(days));
    }
  }

  private static final List<Value> VALUES =
      List.of(
          new Value("a\u0000b", Double.NaN, "0", "0001-01-01T00:00:00Z", "0001-01-01"),
          new Value(
              "\u0000",
              Double.POSITIVE_INFINITY,
              "9999999999999999999999999999.9999999999",
              "9999-12-31T23:59:59.999999Z",
              "9999-12-31"),
          new Value(
              "\u001f\u007f\u0085\u2028",
              Double.NEGATIVE_INFINITY,
              "-9999999999999999999999999999.9999999999",
              "-0043-03-15T10:00:00.000001Z",
              "-0043-03-15"),
          new Value(
              "\ufeff", -0.0, "0.0000000001", "+294246-12-31T23:59:59.999999Z", "+294246-12-31"),
          new Value(
              "\ufffd",
              Double.MIN_VALUE,
              "-0.0000000001",
              "1969-12-31T23:59:59.999999Z",
              "1969-12-31"),
          new Value(" ", Double.MAX_VALUE, "1", "1582-10-10T00:00:00Z", "1582-10-10"));

  @TempDir Path folder;

  @BeforeAll
  static void open() {
    session = SparkSessions.open("extreme values", Map.of("spark.master", "local[2]"));
  }

  @AfterAll
  static void close() {
    session.stop();
  }

  @Test
  void duckDbReadsParquet() throws Exception {
    write("parquet");

    List<String> read = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT note, ratio, amount, epoch_us(\"at\"), date_diff('day', DATE '1970-01-01', day) FROM read_parquet('"
                    + folder
                    + "/values/batch=0/*.parquet') ORDER BY id")) {
      while (rows.next()) {
        read.add(
            Value.text(
                rows.getString(1),
                rows.getDouble(2),
                rows.getBigDecimal(3),
                rows.getLong(4),
                rows.getLong(5)));
      }
    }
    assertThat(read).containsExactlyElementsOf(expected());
  }

  /** NaN and the infinities, which JSON has no numbers for, are texts. */
  @Test
  void pythonReadsJson() throws Exception {
    write("json");

    assertThat(
            python(
                """
                import json, sys
                number = lambda text: text
                for name in sys.argv[1:]:
                    for line in open(name, encoding='utf-8', newline='\\n'):
                        print(json.dumps(json.loads(line, parse_float=number, parse_int=number)))
                """))
        .containsExactlyElementsOf(expected());
  }

  @Test
  void pythonReadsCsv() throws Exception {
    write("csv");

    assertThat(
            python(
                """
                import csv, json, sys
                for name in sys.argv[1:]:
                    for row in csv.DictReader(open(name, encoding='utf-8', newline=''), strict=True):
                        print(json.dumps(row))
                """))
        .containsExactlyElementsOf(expected());
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"CSV", "JSON", "PARQUET"})
  void theSourceReadsWhatTheSinkWrote(FileFormat format) throws Exception {
    write(format.spelling());
    TableDefinition table =
        new TableDefinition(
            List.of(),
            TextEncoding.NONE,
            Set.of(),
            OnError.REJECT,
            Stream.of(COLUMNS.fields())
                .map(
                    field ->
                        new ColumnDefinition(
                            field.name(), field.name(), field.dataType(), unit(field.name())))
                .toList());

    FileBatch batch =
        FileBatches.of(
            session,
            format,
            Map.of(),
            table,
            FileBatches.files(files(format.spelling()).toArray(Path[]::new)));

    assertThat(FileBatches.rejected(batch)).isEmpty();
    assertThat(
            batch
                .rows()
                .selectExpr("id", "note", "ratio", "amount", "unix_micros(at)", "unix_date(day)")
                .orderBy("id")
                .collectAsList()
                .stream()
                .map(
                    row ->
                        Value.text(
                            row.getString(1),
                            row.getDouble(2),
                            row.getDecimal(3),
                            row.getLong(4),
                            row.getInt(5))))
        .containsExactlyElementsOf(expected());
  }

  private static long micros(Instant time) {
    return Math.multiplyExact(time.getEpochSecond(), 1_000_000L) + time.getNano() / 1_000;
  }

  private static TimeUnit unit(String column) {
    return column.equals("at") || column.equals("day") ? TimeUnit.ISO : TimeUnit.NONE;
  }

  private static List<String> expected() {
    return VALUES.stream().map(Value::text).toList();
  }

  private void write(String format) throws Exception {
    OutputDefinition output =
        new OutputDefinition(
            "values",
            Optional.empty(),
            "",
            OutputDefinition.Mode.APPEND,
            OutputDefinition.Scope.STREAM,
            Optional.empty(),
            List.of(),
            new FileSink(format, folder.resolve("values").toString(), List.of()));
    Dataset<Row> rows =
        session.createDataFrame(
            IntStream.range(0, VALUES.size()).mapToObj(id -> VALUES.get(id).row(id)).toList(),
            COLUMNS);
    Sinks sinks =
        new Sinks(
            SinkConnectors.STANDARD,
            "extreme",
            session.sparkContext().hadoopConfiguration(),
            new PrintWriter(Writer.nullWriter()),
            80);
    try (Sink sink =
        sinks.open(output, new org.apache.hadoop.fs.Path(folder.resolve("checkpoint").toUri()))) {
      sink.begin("checkpoint", 0);
      assertThat(sink.limits(COLUMNS)).isEmpty();
      sink.deliver(new Batch(0, "checkpoint", false, rows, rdd -> Optional.empty()));
    }
  }

  private List<Path> files(String format) throws Exception {
    try (Stream<Path> files = Files.list(folder.resolve("values/batch=0"))) {
      return files
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .filter(file -> file.toString().endsWith("." + format))
          .sorted()
          .toList();
    }
  }

  /** A script that prints the rows of the files that it is given, an object of texts a line. */
  private List<String> python(String script) throws Exception {
    Path file = Files.writeString(folder.resolve("read.py"), script);
    List<String> command = new ArrayList<>(List.of("python3", file.toString()));
    try (Stream<Path> written = Files.list(folder.resolve("values/batch=0"))) {
      written
          .map(Path::toString)
          .filter(name -> name.endsWith(".csv") || name.endsWith(".json"))
          .forEach(command::add);
    }
    Path errors = folder.resolve("errors");
    Process python = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    String output = new String(python.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(python.waitFor()).as(Files.readString(errors)).isZero();
    JsonMapper json = new JsonMapper();
    List<JsonNode> rows = new ArrayList<>();
    for (String line : output.lines().toList()) {
      rows.add(json.readTree(line));
    }
    return rows.stream()
        .sorted(Comparator.comparing(row -> row.get("id").asText()))
        .map(
            row ->
                Value.text(
                    row.get("note").asText(),
                    Double.parseDouble(row.get("ratio").asText()),
                    new BigDecimal(row.get("amount").asText()),
                    micros(OffsetDateTime.parse(row.get("at").asText()).toInstant()),
                    LocalDate.parse(row.get("day").asText()).toEpochDay()))
        .toList();
  }
}
