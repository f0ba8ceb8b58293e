package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TimeZone;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hive.ql.exec.vector.DateColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.LongColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.TimestampColumnVector;
import org.apache.hadoop.hive.ql.exec.vector.VectorizedRowBatch;
import org.apache.orc.OrcFile;
import org.apache.orc.Reader;
import org.apache.orc.RecordReader;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dates before 1582 and times before 1900, in a session as a run opens it. */
class EarlyTimesTest {

  private static final List<String> TIMES =
      List.of(
          "0001-01-01T00:00:00Z",
          "1500-02-28T23:59:59.999999Z",
          "1582-10-04T12:00:00Z",
          "1582-10-15T00:00:00Z",
          "1883-11-18T17:00:00.000001Z",
          "1899-12-31T23:59:59.000001Z",
          "1969-12-31T23:59:58.999999Z",
          "1969-12-31T23:59:59Z",
          "9999-12-31T23:59:59.999999Z");

  /** ORC's timestamps are the clock on the wall of the writer's process. */
  private static final TimeZone OF_PROCESS = TimeZone.getDefault();

  private static SparkSession session;

  @TempDir Path folder;

  @BeforeAll
  static void open() {
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    session = SparkSessions.open("early times", Map.of("spark.master", "local[2]"));
  }

  @AfterAll
  static void close() {
    session.stop();
    TimeZone.setDefault(OF_PROCESS);
  }

  @Test
  void readsTheSameInstantsBackFromParquetInDuckDb() throws Exception {
    deliver("parquet");

    List<String> read = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT epoch_us(moment), date_diff('day', DATE '1970-01-01', day) FROM read_parquet('"
                    + folder
                    + "/times/batch=0/*.parquet') ORDER BY 1")) {
      while (rows.next()) {
        read.add(rows.getLong(1) + " " + rows.getLong(2));
      }
    }
    assertThat(read).containsExactlyElementsOf(expected());
    assertThat(readBySpark("parquet")).containsExactlyElementsOf(expected());
  }

  @Test
  void readsTheSameInstantsBackFromOrcInItsOwnReader() throws Exception {
    deliver("orc");

    List<String> read = new ArrayList<>();
    for (Path file : files("orc")) {
      readOrc(file, read);
    }
    assertThat(read).containsExactlyInAnyOrderElementsOf(expected());
    assertThat(readBySpark("orc")).containsExactlyElementsOf(expected());
  }

  @Test
  void readsWhatDuckDbWrote() throws SQLException {
    Path file = folder.resolve("duck.parquet");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      statement.execute(
          "COPY (SELECT t::TIMESTAMPTZ AS moment, t::TIMESTAMP::DATE AS day FROM (VALUES "
              + String.join(", ", TIMES.stream().map(time -> "('" + time + "')").toList())
              + ") v(t)) TO '"
              + file
              + "' (FORMAT parquet)");
    }

    assertThat(rows("parquet", file.toString())).containsExactlyElementsOf(expected());
  }

  private void deliver(String format) throws InterruptedException {
    OutputDefinition output =
        new OutputDefinition(
            "times",
            Optional.empty(),
            "",
            OutputDefinition.Mode.APPEND,
            OutputDefinition.Scope.STREAM,
            Optional.empty(),
            List.of(),
            new FileSink(format, folder.resolve("times").toString(), List.of()));
    Sinks sinks =
        new Sinks(
            SinkConnectors.STANDARD,
            "early",
            session.sparkContext().hadoopConfiguration(),
            new PrintWriter(Writer.nullWriter()),
            80);
    String values =
        String.join(", ", TIMES.stream().map(time -> "(TIMESTAMP '" + time + "')").toList());
    org.apache.hadoop.fs.Path checkpoint =
        new org.apache.hadoop.fs.Path(folder.resolve("checkpoint").toUri());
    try (Sink sink = sinks.open(output, checkpoint)) {
      sink.begin("checkpoint", 0);
      sink.deliver(
          new Batch(
              0,
              "checkpoint",
              false,
              session.sql(
                  "SELECT moment, CAST(moment AS DATE) AS day FROM VALUES "
                      + values
                      + " AS v(moment)"),
              rdd -> Optional.empty()));
    }
  }

  private static List<String> expected() {
    return TIMES.stream()
        .map(Instant::parse)
        .map(
            time ->
                (time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000)
                    + " "
                    + Math.floorDiv(time.getEpochSecond(), 86_400))
        .toList();
  }

  private List<String> readBySpark(String format) {
    return rows(format, folder.resolve("times/batch=0").toString());
  }

  private static List<String> rows(String format, String path) {
    return session
        .read()
        .format(format)
        .load(path)
        .selectExpr("unix_micros(moment)", "unix_date(day)")
        .collectAsList()
        .stream()
        .sorted((one, other) -> Long.compare(one.getLong(0), other.getLong(0)))
        .map(row -> row.getLong(0) + " " + row.getInt(1))
        .toList();
  }

  private List<Path> files(String format) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith("." + format)).toList();
    }
  }

  private static void readOrc(Path file, List<String> read) throws IOException {
    OrcFile.ReaderOptions options =
        OrcFile.readerOptions(new Configuration())
            .convertToProlepticGregorian(true)
            .useUTCTimestamp(true);
    try (Reader reader =
            OrcFile.createReader(new org.apache.hadoop.fs.Path(file.toString()), options);
        RecordReader rows = reader.rows()) {
      VectorizedRowBatch batch = reader.getSchema().createRowBatch();
      while (rows.nextBatch(batch)) {
        TimestampColumnVector at = (TimestampColumnVector) batch.cols[0];
        LongColumnVector day = (DateColumnVector) batch.cols[1];
        for (int row = 0; row < batch.size; row++) {
          long micros = Math.floorDiv(at.time[row], 1_000L) * 1_000_000 + at.nanos[row] / 1_000;
          read.add(micros + " " + day.vector[row]);
        }
      }
    }
  }
}
