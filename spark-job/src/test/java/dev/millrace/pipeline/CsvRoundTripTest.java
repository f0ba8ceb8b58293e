package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.SparkTest;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.FileFormat;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.OutputDefinition.Mode;
import dev.millrace.config.OutputDefinition.Scope;
import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TextEncoding;
import dev.millrace.event.FileColumns;
import dev.millrace.pipeline.batch.FileBatch;
import dev.millrace.pipeline.batch.FileBatches;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What the sink csv writes, read by the source, by Python's module csv and by DuckDB. */
class CsvRoundTripTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final int ROWS = 10_000;

  /** What a writer can get wrong, more often than what it can't. */
  private static final List<String> PARTS =
      List.of(
          "\"",
          "\"",
          "\"",
          ",",
          ",",
          "\n",
          "\r",
          "\r\n",
          " ",
          " ",
          "\t",
          "\\",
          "\\n",
          "'",
          "#",
          ";",
          "|",
          "\u0000",
          "\u0001",
          "\b",
          "\f",
          "\u001f",
          "\u007f",
          "\u0085",
          "\u00a0",
          "\u2028",
          "\ufeff",
          "\uffff",
          "null",
          "a",
          "Z",
          "0",
          "\u00fc",
          "\ud83d\ude00");

  @TempDir Path folder;

  private final List<Row> rows = new ArrayList<>();

  @BeforeEach
  void writeRandomTexts() throws Exception {
    long seed = System.nanoTime();
    System.out.println("CsvRoundTripTest: seed " + seed);
    Random random = new Random(seed);
    for (long id = 0; id < ROWS; id++) {
      rows.add(RowFactory.create(text(random), id, text(random)));
    }
    write(rows, StructType.fromDDL("first STRING, id BIGINT, last STRING"));
  }

  @Test
  void theSourceReadsEveryTextAndEveryNull() {
    assertThat(read(List.of("first", "id", "last"), Map.of())).containsExactlyElementsOf(rows);
  }

  /** Python reads null as an empty text: it does not tell a value's quotes. */
  @Test
  void pythonReadsEveryTextAndNullAsAnEmptyOne() throws Exception {
    Path script =
        Files.writeString(
            folder.resolve("read.py"),
            """
            import csv, json, sys
            csv.field_size_limit(1 << 30)
            for name in sys.argv[1:]:
                with open(name, newline='', encoding='utf-8') as file:
                    rows = csv.reader(file, strict=True)
                    assert next(rows) == ['first', 'id', 'last']
                    for row in rows:
                        print(json.dumps(row))
            """);
    List<String> command = new ArrayList<>(List.of("python3", script.toString()));
    command.addAll(files());
    Path errors = folder.resolve("errors");
    Process python = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    String output = new String(python.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);

    assertThat(python.waitFor()).as(Files.readString(errors)).isZero();
    JsonMapper json = new JsonMapper();
    List<Row> read = new ArrayList<>();
    for (String line : output.lines().toList()) {
      String[] values = json.readValue(line, String[].class);
      read.add(RowFactory.create(values[0], Long.parseLong(values[1]), values[2]));
    }
    assertThat(sorted(read))
        .containsExactlyElementsOf(
            rows.stream()
                .map(row -> RowFactory.create(orEmpty(row, 0), row.getLong(1), orEmpty(row, 2)))
                .toList());
  }

  @Test
  void duckDbReadsEveryTextAndEveryNull() throws Exception {
    List<Row> read = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                "SELECT * FROM read_csv(['"
                    + String.join("', '", files())
                    + "'], header = true, auto_detect = false, delim = ',', quote = '\"',"
                    + " escape = '\"', nullstr = '', allow_quoted_nulls = false,"
                    + " columns = {'first': 'VARCHAR', 'id': 'BIGINT', 'last': 'VARCHAR'})")) {
      while (found.next()) {
        read.add(RowFactory.create(found.getString(1), found.getLong(2), found.getString(3)));
      }
    }

    assertThat(sorted(read)).containsExactlyElementsOf(rows);
  }

  private static String text(Random random) {
    if (random.nextInt(50) == 0) {
      return null;
    }
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(8); length > 0; length--) {
      text.append(PARTS.get(random.nextInt(PARTS.size())));
    }
    return text.toString();
  }

  private static String orEmpty(Row row, int column) {
    return row.isNullAt(column) ? "" : row.getString(column);
  }

  private void write(List<Row> rows, StructType columns) throws Exception {
    OutputDefinition output =
        new OutputDefinition(
            "texts",
            Optional.empty(),
            "here",
            Mode.APPEND,
            Scope.STREAM,
            Optional.empty(),
            List.of(),
            new FileSink("csv", folder.resolve("texts").toString(), List.of()));
    Sinks sinks =
        new Sinks(
            SinkConnectors.STANDARD,
            "round-trip",
            SPARK.session().sparkContext().hadoopConfiguration(),
            new PrintWriter(Writer.nullWriter()),
            80);
    try (Sink sink = sinks.open(output, checkpoint())) {
      sink.begin("this-checkpoint", 0);
      sink.deliver(
          new Batch(
              0,
              "this-checkpoint",
              false,
              SPARK.session().createDataFrame(rows, columns),
              rdd -> Optional.empty()));
    }
  }

  private org.apache.hadoop.fs.Path checkpoint() {
    return new org.apache.hadoop.fs.Path(folder.resolve("checkpoint").toUri());
  }

  private List<String> files() throws Exception {
    try (Stream<Path> files = Files.list(folder.resolve("texts/batch=0"))) {
      return files.map(Path::toString).filter(name -> name.endsWith(".csv")).sorted().toList();
    }
  }

  private List<Row> read(List<String> columns, Map<String, String> options) {
    TableDefinition table =
        new TableDefinition(
            List.of(),
            TextEncoding.NONE,
            Set.of(),
            OnError.REJECT,
            columns.stream()
                .map(
                    name ->
                        new ColumnDefinition(
                            name,
                            name,
                            name.equals("id") ? DataTypes.LongType : DataTypes.StringType,
                            TimeUnit.NONE))
                .toList());
    try {
      FileBatch batch =
          FileBatches.of(
              SPARK.session(),
              FileFormat.CSV,
              options,
              table,
              FileBatches.files(files().stream().map(Path::of).toArray(Path[]::new)));
      assertThat(FileBatches.rejected(batch)).isEmpty();
      List<Row> read = batch.rows().drop(FileColumns.FILE).collectAsList();
      return columns.contains("id") ? sorted(read) : read;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static List<Row> sorted(List<Row> rows) {
    return rows.stream().sorted(Comparator.comparingLong(row -> row.getLong(1))).toList();
  }
}
