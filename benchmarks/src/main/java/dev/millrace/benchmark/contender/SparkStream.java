package dev.millrace.benchmark.contender;

import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;

/** What the contenders on Spark have in common. */
final class SparkStream {

  private SparkStream() {}

  /** A session on all cores, set to what the job sets its own to where that matters here. */
  static SparkSession session() {
    return builder().getOrCreate();
  }

  /** The same, for a contender that needs further settings. */
  static SparkSession.Builder builder() {
    return SparkSession.builder()
        .master("local[*]")
        .appName("benchmark")
        .config("spark.driver.host", "localhost")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config(StreamedRun.SETTING, StreamedRun.class.getName());
  }

  /** The topic from its first message on, in Spark's own columns. */
  static Dataset<Row> messages(SparkSession session, Contender.Task task) {
    var reader =
        session
            .readStream()
            .format("kafka")
            .option("kafka.bootstrap.servers", task.bootstrapServers())
            .option("subscribe", task.topic())
            .option("startingOffsets", "earliest");
    ConsumerSettings.FETCH.forEach((key, value) -> reader.option("kafka." + key, value));
    return reader.load();
  }

  /** Writes what the stream gives until it has caught up. */
  static Contender.Run write(Dataset<Row> stream, Contender.Task task, Path folder)
      throws Exception {
    var writer =
        stream
            .writeStream()
            .format(task.sink())
            .option("checkpointLocation", folder.resolve("checkpoint").toString())
            .trigger(Trigger.AvailableNow());
    if (!task.sink().equals("noop")) {
      writer.option("path", folder.resolve("output").toString());
    }
    writer.start().awaitTermination();
    return StreamedRun.next();
  }
}
