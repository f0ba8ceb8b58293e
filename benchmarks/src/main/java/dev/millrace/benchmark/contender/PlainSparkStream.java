package dev.millrace.benchmark.contender;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.DataStreamWriter;

/**
 * The least that a Spark user would write, with Spark's default settings: messages from a topic to
 * another as they are, at least once; or to Parquet, with the id taken out. Runs until it is ended.
 */
public final class PlainSparkStream {

  private static final String ID = "$.id";

  private PlainSparkStream() {}

  /**
   * Starts the query.
   *
   * @param arguments sink ({@code kafka} or {@code parquet}), bootstrap servers, topic, starting
   *     offsets, where it writes (topic or folder), folder of the checkpoint
   */
  public static void main(String[] arguments) throws Exception {
    SparkSession session =
        SparkSession.builder()
            .master("local[*]")
            .appName("plain")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.ui.enabled", "false")
            .getOrCreate();
    Dataset<Row> messages =
        session
            .readStream()
            .format("kafka")
            .option("kafka.bootstrap.servers", arguments[1])
            .option("subscribe", arguments[2])
            .option("startingOffsets", arguments[3])
            .load();
    DataStreamWriter<Row> writer =
        arguments[0].equals("kafka")
            ? messages
                .selectExpr("key", "value")
                .writeStream()
                .format("kafka")
                .option("kafka.bootstrap.servers", arguments[1])
                .option("topic", arguments[4])
            : messages
                .select(
                    functions
                        .get_json_object(functions.col("value").cast("string"), ID)
                        .cast("long")
                        .as("id"),
                    functions.col("value").cast("string"))
                .writeStream()
                .format("parquet")
                .option("path", arguments[4]);
    writer.option("checkpointLocation", arguments[5]).start().awaitTermination();
  }
}
