package dev.millrace.benchmark.contender;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.pipeline.PipelineRun;
import dev.millrace.pipeline.batch.BatchDecoder;
import dev.millrace.pipeline.batch.BatchDecoders;
import dev.millrace.pipeline.batch.DecodedBatch;
import dev.millrace.source.Source;
import dev.millrace.source.Sources;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.Trigger;

/**
 * This job. To Parquet it is the run of the shipped pipeline, as {@code ./millrace run} does it. To
 * noop, which no pipeline can name as its sink, it is the same source, decoder and plan.
 */
public final class MillraceJob implements Contender {

  private static final String OPERATION = "op";

  private final SparkSession session = SparkStream.session();

  private MillraceJob() {}

  public static void main(String[] arguments) throws Exception {
    ContenderServer.serve(new MillraceJob());
  }

  @Override
  public Run run(Task task, Path folder) throws Exception {
    PipelineDefinition pipeline = RidePipeline.load(task, folder);
    if (task.sink().equals("parquet")) {
      new PipelineRun(pipeline, new PrintWriter(System.err, true, StandardCharsets.UTF_8), 140)
          .runIn(session);
      return StreamedRun.next();
    }
    return noop(RidePipeline.with(RidePipeline.table(task.copies()), pipeline), folder);
  }

  @Override
  public void close() {
    session.stop();
  }

  private Run noop(PipelineDefinition pipeline, Path folder) throws Exception {
    Set<String> names = new LinkedHashSet<>();
    pipeline.table().columns().forEach(column -> names.add(column.name()));
    names.add(OPERATION);
    Column[] columns = names.stream().map(functions::col).toArray(Column[]::new);
    BatchDecoder decoder = BatchDecoders.of(pipeline);
    Source source = Sources.of(pipeline.source(), line -> {});
    source.check();
    source
        .open(session)
        .writeStream()
        .option("checkpointLocation", folder.resolve("checkpoint").toString())
        .trigger(Trigger.AvailableNow())
        .foreachBatch(
            (VoidFunction2<Dataset<Row>, Long>)
                (messages, id) -> {
                  try (DecodedBatch decoded =
                      decoder.decode(source.unplanned(messages), names, true)) {
                    decoded.rows().select(columns).write().format("noop").mode("overwrite").save();
                    System.err.println(decoded.metrics(true));
                  }
                })
        .start()
        .awaitTermination();
    return StreamedRun.next();
  }
}
