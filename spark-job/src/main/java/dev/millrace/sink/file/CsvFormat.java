package dev.millrace.sink.file;

import dev.millrace.config.CsvDialect;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.CodingErrorAction;
import java.time.ZoneId;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.CodecStreams;
import org.apache.spark.sql.execution.datasources.OutputWriter;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.execution.datasources.csv.CSVFileFormat;
import org.apache.spark.sql.types.StructType;
import scala.collection.JavaConverters;

/**
 * Files of CSV in a {@link CsvDialect}, which the writer's options choose; times are in the
 * session's zone. Spark opens it by its name. Its own format writes a text that equals the null
 * text as null, and turns the LF of a value into the line separator.
 */
public final class CsvFormat extends CSVFileFormat {

  @Override
  public OutputWriterFactory prepareWrite(
      SparkSession session,
      Job job,
      scala.collection.immutable.Map<String, String> options,
      StructType columns) {
    return new Factory(
        Map.copyOf(JavaConverters.mapAsJavaMap(options)),
        session.sessionState().conf().sessionLocalTimeZone());
  }

  private static final class Factory extends OutputWriterFactory {
    private static final long serialVersionUID = 1L;

    private final Map<String, String> options;
    private final String zone;

    Factory(Map<String, String> options, String zone) {
      this.options = options;
      this.zone = zone;
    }

    @Override
    public String getFileExtension(TaskAttemptContext context) {
      return ".csv" + CodecStreams.getCompressionExtension(context);
    }

    @Override
    public OutputWriter newInstance(String path, StructType columns, TaskAttemptContext context) {
      return new FileWriter(
          path, new CsvLines(CsvDialect.of(options), columns, ZoneId.of(zone)), context);
    }
  }

  private static final class FileWriter extends OutputWriter {

    private final String path;
    private final CsvLines lines;
    private final Writer writer;

    FileWriter(String path, CsvLines lines, TaskAttemptContext context) {
      this.path = path;
      this.lines = lines;
      this.writer =
          new BufferedWriter(
              new OutputStreamWriter(
                  CodecStreams.createOutputStream(context, new Path(path)),
                  lines
                      .dialect()
                      .encoding()
                      .newEncoder()
                      .onMalformedInput(CodingErrorAction.REPORT)
                      .onUnmappableCharacter(CodingErrorAction.REPORT)));
      if (lines.dialect().hasHeader()) {
        write(lines.header());
      }
    }

    @Override
    public String path() {
      return path;
    }

    @Override
    public void write(InternalRow row) {
      write(lines.of(row));
    }

    private void write(String line) {
      try {
        writer.write(line);
      } catch (IOException e) {
        throw new UncheckedIOException("can't write " + path, e);
      }
    }

    @Override
    public void close() {
      try {
        writer.close();
      } catch (IOException e) {
        throw new UncheckedIOException("can't write " + path, e);
      }
    }
  }
}
