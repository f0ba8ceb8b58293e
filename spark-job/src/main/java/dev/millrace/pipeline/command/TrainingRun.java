package dev.millrace.pipeline.command;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.event.RawColumns;
import dev.millrace.observe.ProgressReporter;
import dev.millrace.pipeline.SinkConnectors;
import dev.millrace.pipeline.SparkSessions;
import dev.millrace.pipeline.batch.BatchDecoder;
import dev.millrace.pipeline.batch.BatchDecoders;
import dev.millrace.pipeline.batch.DecodedBatch;
import dev.millrace.query.OutputQuery;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.Trigger;

/**
 * Goes once through what a run does, without a broker: the launcher lets the JVM note the classes
 * that this loads and archive them for later runs. What it leaves out is only loaded more slowly
 * then.
 */
public final class TrainingRun {

  private static final List<String> NOT_TRAINED =
      List.of(
          "dev/millrace/",
          "org/apache/commons/pool2/",
          "org/apache/spark/sql/kafka010/",
          "org/apache/kafka/clients/",
          "org/apache/kafka/common/");

  private TrainingRun() {}

  /**
   * Runs a pipeline for training.
   *
   * @param arguments the pipeline file
   */
  public static void main(String[] arguments) throws Exception {
    PipelineDefinition pipeline =
        new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
            .load(arguments[0], Overrides.none())
            .definition();
    Path folder = Files.createTempDirectory("millrace-training-run");
    PrintWriter out =
        new PrintWriter(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    try (SparkSession session = SparkSessions.open("millrace training run", Map.of())) {
      session.streams().addListener(new ProgressReporter(out, pipeline.name()));
      train(session, pipeline, folder);
      loadOthers();
    } finally {
      delete(folder);
    }
  }

  private static void train(SparkSession session, PipelineDefinition pipeline, Path folder)
      throws Exception {
    OutputQuery query =
        OutputQuery.analyze(session, pipeline.relation(), List.of(), pipeline.outputs().get(0));
    BatchDecoder decoder = BatchDecoders.of(pipeline);
    messages(session, pipeline, folder)
        .writeStream()
        .option("checkpointLocation", folder.resolve("checkpoint").toString())
        .trigger(Trigger.AvailableNow())
        .foreachBatch(
            (VoidFunction2<Dataset<Row>, Long>)
                (messages, id) -> {
                  try (DecodedBatch decoded =
                      decoder.decode(messages, query.neededColumns(), true)) {
                    Dataset<Row> rows = query.over(decoded.rows(), Map.of());
                    rows.limit(20).collectAsList();
                    rows.write().parquet(folder.resolve("batch=" + id).toString());
                  }
                })
        .start()
        .awaitTermination();
  }

  /** One made-up message, in the columns of the pipeline's source. */
  private static Dataset<Row> messages(
      SparkSession session, PipelineDefinition pipeline, Path folder) throws IOException {
    Path lines = Files.createDirectory(folder.resolve("messages"));
    Files.writeString(lines.resolve("messages.txt"), "{\"id\":1,\"__op\":\"c\"}\n");
    Dataset<Row> read =
        session
            .readStream()
            .text(lines.toString())
            .select(
                functions.lit(null).cast("binary").as(RawColumns.KEY),
                functions.col("value").cast("binary").as(RawColumns.VALUE),
                functions.current_timestamp().as(RawColumns.TIMESTAMP));
    for (var column : pipeline.source().positionColumns()) {
      read = read.withColumn(column.name(), functions.lit("0").cast(column.dataType()));
    }
    return read;
  }

  /**
   * The classes of the command line, of Spark's Kafka source and of Kafka's consumer, from wherever
   * they are.
   */
  private static void loadOthers() throws IOException {
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!entry.endsWith(".jar")) {
        continue;
      }
      try (JarFile jar = new JarFile(entry)) {
        jar.stream()
            .map(ZipEntry::getName)
            .filter(name -> name.endsWith(".class"))
            .filter(name -> NOT_TRAINED.stream().anyMatch(name::startsWith))
            .forEach(name -> load(name.substring(0, name.length() - 6).replace('/', '.')));
      }
    }
  }

  private static void load(String name) {
    try {
      Class.forName(name, false, TrainingRun.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      // For an optional part of the client whose own dependency is not there.
      return;
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
