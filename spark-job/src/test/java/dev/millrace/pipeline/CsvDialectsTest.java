package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.SparkTest;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.CsvDialect;
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
import dev.millrace.pipeline.batch.StorableRows;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the sink csv writes in other dialects, read by the source, by Python and by DuckDB. */
class CsvDialectsTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final int ROWS = 2_000;

  private static final StructType COLUMNS =
      StructType.fromDDL("first STRING, id BIGINT, last STRING");

  private static final List<String> PARTS =
      List.of(
          "\"",
          "'",
          "''",
          ",",
          ";",
          "|",
          "||",
          "\t",
          "\n",
          "\r",
          "\r\n",
          " ",
          "\\",
          "\\N",
          "NULL",
          "null",
          "#",
          "\u0000",
          "\u0001",
          "\u00fc",
          "\u00a0",
          "\u2028",
          "\ufeff",
          "\ud83d\ude00",
          "a",
          "Z",
          "0");

  @TempDir Path folder;

  @ParameterizedTest(name = "sep={0} quote={1} nullValue={2} lineSep={3} header={4} encoding={5}")
  @CsvSource(
      delimiter = '\u00a7',
      quoteCharacter = '\u00b6',
      emptyValue = "",
      value = {
        "\\t\u00a7\"\u00a7\u00a7\\n\u00a7true\u00a7UTF-8",
        ";\u00a7\"\u00a7NULL\u00a7\\r\\n\u00a7true\u00a7UTF-8",
        "|\u00a7'\u00a7\\N\u00a7\\n\u00a7false\u00a7UTF-8",
        ";\u00a7'\u00a7null\u00a7\\r\\n\u00a7true\u00a7ISO-8859-1",
        "||\u00a7\"\u00a70\u00a7\\n\u00a7true\u00a7UTF-8",
        ",\u00a7\"\u00a7-\u00a7\\r\u00a7true\u00a7UTF-16LE",
        ",\u00a7\"\u00a7\u00a7\\n\u00a7false\u00a7UTF-16",
      })
  void everyTextComesBack(
      String sep, String quote, String nullValue, String lineSep, String header, String encoding)
      throws Exception {
    Map<String, String> options = new HashMap<>();
    options.put("sep", sep);
    options.put("quote", quote);
    options.put("lineSep", lineSep);
    options.put("header", header);
    options.put("encoding", encoding);
    if (nullValue != null && !nullValue.isEmpty()) {
      options.put("nullValue", nullValue);
    }
    CsvDialect dialect = CsvDialect.of(options);
    List<Row> rows = randomRows(dialect.encoding());

    assertThat(write(rows, options)).isEqualTo(ROWS);

    Map<String, String> ofSource = new HashMap<>(options);
    ofSource.remove("lineSep");
    assertThat(read(ofSource)).containsExactlyElementsOf(rows);
    if (dialect.separator().length() == 1) {
      assertThat(python(dialect)).containsExactlyElementsOf(asPythonReads(rows, dialect));
    }
    // DuckDB knows these encodings without an extension, and takes a line break for the end of a
    // line as it finds it.
    boolean isOfDuckDb =
        Set.of(StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1).contains(dialect.encoding());
    if (isOfDuckDb) {
      assertThat(duckDb(dialect)).containsExactlyElementsOf(rows);
    }
  }

  @Test
  void leavesOutTextsThatTheEncodingLacks() throws Exception {
    List<Row> rows =
        List.of(
            RowFactory.create("caf\u00e9", 0L, null),
            RowFactory.create("\u65e5\u672c", 1L, ""),
            RowFactory.create("", 2L, "\u20ac"));

    assertThat(write(rows, Map.of("encoding", "ISO-8859-1"))).isEqualTo(1);

    assertThat(read(Map.of("encoding", "ISO-8859-1"))).containsExactly(rows.get(0));
  }

  private static List<Row> randomRows(Charset encoding) {
    long seed = System.nanoTime();
    System.out.println("CsvDialectsTest: seed " + seed);
    Random random = new Random(seed);
    CharsetEncoder encoder = encoding.newEncoder();
    List<String> parts = PARTS.stream().filter(encoder::canEncode).toList();
    List<Row> rows = new ArrayList<>();
    for (long id = 0; id < ROWS; id++) {
      rows.add(RowFactory.create(text(random, parts), id, text(random, parts)));
    }
    return rows;
  }

  private static String text(Random random, List<String> parts) {
    if (random.nextInt(20) == 0) {
      return null;
    }
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(5); length > 0; length--) {
      text.append(parts.get(random.nextInt(parts.size())));
    }
    return text.toString();
  }

  /** Delivers the rows that the sink can store; how many they are. */
  private long write(List<Row> rows, Map<String, String> options) throws Exception {
    OutputDefinition output =
        new OutputDefinition(
            "texts",
            Optional.empty(),
            "here",
            Mode.APPEND,
            Scope.STREAM,
            Optional.empty(),
            List.of(),
            new FileSink("csv", folder.resolve("texts").toString(), List.of(), options));
    Sinks sinks =
        new Sinks(
            SinkConnectors.STANDARD,
            "dialects",
            SPARK.session().sparkContext().hadoopConfiguration(),
            new PrintWriter(Writer.nullWriter()),
            80);
    try (Sink sink =
        sinks.open(output, new org.apache.hadoop.fs.Path(folder.resolve("checkpoint").toUri()))) {
      sink.begin("this-checkpoint", 0);
      Dataset<Row> result = SPARK.session().createDataFrame(rows, COLUMNS);
      StorableRows storable = new StorableRows(SPARK.session(), output, sink.limits(COLUMNS));
      Dataset<Row> stored = storable.of(result);
      sink.deliver(new Batch(0, "this-checkpoint", false, stored, rdd -> Optional.empty()));
      return rows.size() - storable.countOfOthers(() -> result, Sink.Delivery.DELIVERED);
    }
  }

  private List<String> files() throws Exception {
    try (Stream<Path> files = Files.list(folder.resolve("texts/batch=0"))) {
      return files.map(Path::toString).filter(name -> name.endsWith(".csv")).sorted().toList();
    }
  }

  private List<Row> read(Map<String, String> options) throws Exception {
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
                            field.name(), field.name(), field.dataType(), TimeUnit.NONE))
                .toList());
    FileBatch batch =
        FileBatches.of(
            SPARK.session(),
            FileFormat.CSV,
            options,
            table,
            FileBatches.files(files().stream().map(Path::of).toArray(Path[]::new)));
    assertThat(FileBatches.rejected(batch)).isEmpty();
    return sorted(batch.rows().drop(FileColumns.FILE).collectAsList());
  }

  /** Python does not tell a value's quotes. */
  private static List<Row> asPythonReads(List<Row> rows, CsvDialect dialect) {
    String nullText = dialect.nullText().orElse("");
    return rows.stream()
        .map(
            row ->
                RowFactory.create(
                    row.isNullAt(0) ? nullText : row.get(0),
                    row.get(1),
                    row.isNullAt(2) ? nullText : row.get(2)))
        .toList();
  }

  private List<Row> python(CsvDialect dialect) throws Exception {
    Path script =
        Files.writeString(
            folder.resolve("read.py"),
            """
            import csv, json, sys
            encoding, sep, quote, header = sys.argv[1:5]
            for name in sys.argv[5:]:
                with open(name, newline='', encoding=encoding) as file:
                    rows = csv.reader(file, strict=True, delimiter=sep, quotechar=quote)
                    if header == 'true':
                        assert next(rows) == ['first', 'id', 'last']
                    for row in rows:
                        print(json.dumps(row))
            """);
    List<String> command =
        new ArrayList<>(
            List.of(
                "python3",
                script.toString(),
                dialect.encoding().name(),
                dialect.separator(),
                String.valueOf(dialect.quote()),
                String.valueOf(dialect.hasHeader())));
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
    return sorted(read);
  }

  private List<Row> duckDb(CsvDialect dialect) throws Exception {
    String quote = String.valueOf(dialect.quote()).replace("'", "''");
    List<Row> read = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet found =
            statement.executeQuery(
                ("SELECT * FROM read_csv(['%s'], header = %s, auto_detect = false, delim = '%s',"
                        + " quote = '%s', escape = '%s', nullstr = '%s', allow_quoted_nulls = false,"
                        + " encoding = '%s', new_line = '%s',"
                        + " columns = {'first': 'VARCHAR', 'id': 'BIGINT', 'last': 'VARCHAR'})")
                    .formatted(
                        String.join("', '", files()),
                        dialect.hasHeader(),
                        dialect.separator(),
                        quote,
                        quote,
                        dialect.nullText().orElse(""),
                        dialect.encoding().equals(StandardCharsets.UTF_8) ? "utf-8" : "latin-1",
                        dialect.lineSeparator().replace("\n", "\\n").replace("\r", "\\r")))) {
      while (found.next()) {
        read.add(RowFactory.create(found.getString(1), found.getLong(2), found.getString(3)));
      }
    }
    return sorted(read);
  }

  private static List<Row> sorted(List<Row> rows) {
    return rows.stream().sorted(Comparator.comparingLong(row -> row.getLong(1))).toList();
  }
}
