package dev.millrace.benchmark.contender;

import java.util.Map;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.DataStreamWriter;
import org.apache.spark.sql.streaming.StreamingQuery;

/**
 * The least that a Spark user would write, with Spark's default settings: messages from a topic to
 * another as they are, at least once; or to Parquet, Postgres (at least once) or Iceberg, with the
 * id taken out. Runs until it is ended.
 */
public final class PlainSparkStream {

  private static final String ID = "$.id";
  private static final String TABLE = "lake.ride_bookings.bookings";

  private PlainSparkStream() {}

  /**
   * Starts the query.
   *
   * @param arguments sink ({@code kafka}, {@code parquet}, {@code postgres} or {@code iceberg}),
   *     bootstrap servers, topic, starting offsets, where it writes (topic, folder, JDBC URL or
   *     warehouse), folder of the checkpoint, user and password of the database
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
    String place = arguments[4];
    StreamingQuery query =
        switch (arguments[0]) {
          case "kafka" ->
              writer(messages.selectExpr("key", "value"), arguments)
                  .format("kafka")
                  .option("kafka.bootstrap.servers", arguments[1])
                  .option("topic", place)
                  .start();
          case "parquet" ->
              writer(withId(messages), arguments).format("parquet").option("path", place).start();
          case "postgres" ->
              writer(withId(messages), arguments)
                  .foreachBatch(jdbc(place, arguments[6], arguments[7]))
                  .start();
          case "iceberg" -> {
            createTable(session, place);
            yield writer(withId(messages), arguments).format("iceberg").toTable(TABLE);
          }
          default -> throw new IllegalArgumentException(arguments[0]);
        };
    query.awaitTermination();
  }

  private static DataStreamWriter<Row> writer(Dataset<Row> rows, String... arguments) {
    return rows.writeStream().option("checkpointLocation", arguments[5]);
  }

  private static Dataset<Row> withId(Dataset<Row> messages) {
    return messages.select(
        functions.get_json_object(functions.col("value").cast("string"), ID).cast("long").as("id"),
        functions.col("value").cast("string"));
  }

  private static VoidFunction2<Dataset<Row>, Long> jdbc(String url, String user, String password) {
    Map<String, String> options =
        Map.of("url", url, "user", user, "password", password, "dbtable", "public.bookings");
    return (rows, id) -> rows.write().format("jdbc").options(options).mode("append").save();
  }

  private static void createTable(SparkSession session, String warehouse) {
    session.conf().set("spark.sql.catalog.lake", "org.apache.iceberg.spark.SparkCatalog");
    session.conf().set("spark.sql.catalog.lake.type", "hadoop");
    session.conf().set("spark.sql.catalog.lake.warehouse", warehouse);
    session.sql("CREATE TABLE " + TABLE + " (id BIGINT, value STRING) USING iceberg");
  }
}
