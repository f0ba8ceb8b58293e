package dev.millrace.benchmark.contender;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.timestamp_micros;

import dev.millrace.benchmark.contender.StreamedRun.Batches;
import dev.millrace.benchmark.topic.TableFigures;
import dev.millrace.config.ColumnDefinition;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/**
 * What a Spark user would write, at least once: {@code from_json}, then from {@code foreachBatch}
 * Spark's JDBC writer, a row for each change, or {@code MERGE INTO} a table of Iceberg with the
 * newest change of each key. Texts lose the ends of their bytes literal and nothing more.
 */
public final class SparkSinks implements SinkContender {

  private static final String OPERATION = "__op";

  private static final String MERGE =
      """
      MERGE INTO %s t USING (
        SELECT * FROM (
          SELECT *, row_number() OVER (PARTITION BY id ORDER BY offset DESC) AS age FROM changes)
        WHERE age = 1) s
      ON t.id = s.id
      WHEN MATCHED AND s.op = 'd' THEN DELETE
      WHEN MATCHED THEN UPDATE SET *
      WHEN NOT MATCHED AND s.op <> 'd' THEN INSERT *
      """;

  private final SparkSession session =
      SparkStream.builder()
          .config(
              "spark.sql.extensions",
              "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
          .getOrCreate();
  private final List<ColumnDefinition> columns = RidePipeline.table(1).columns();
  private final Kafka kafka;
  private final Target target;
  private int catalogs;

  private SparkSinks(Kafka kafka, Target target) {
    this.kafka = kafka;
    this.target = target;
  }

  /**
   * Serves.
   *
   * @param arguments bootstrap servers, partitions of the topics, JDBC URL, user, password
   */
  public static void main(String[] arguments) throws Exception {
    SinkContender.serve(
        new SparkSinks(
            new Kafka(arguments[0], Integer.parseInt(arguments[1])),
            new Target(arguments[2], arguments[3], arguments[4])));
  }

  @Override
  public Batches run(SinkTask task) throws Exception {
    Dataset<Row> changes = typed(messages(task));
    VoidFunction2<Dataset<Row>, Long> write =
        switch (task.kind()) {
          case "postgres-append" -> (rows, id) -> append(rows).save();
          case "postgres-append-rewritten" ->
              (rows, id) ->
                  append(rows)
                      .option("url", target.url() + "?reWriteBatchedInserts=true")
                      .option("batchsize", 10_000)
                      .save();
          case "iceberg-merge", "iceberg-merge-on-read" -> merge(task, changes.schema());
          default -> throw new IllegalArgumentException(task.kind());
        };
    changes
        .writeStream()
        .option("checkpointLocation", task.folder().resolve("checkpoint").toString())
        .trigger(Trigger.AvailableNow())
        .foreachBatch(write)
        .start()
        .awaitTermination();
    return StreamedRun.nextBatches();
  }

  private Dataset<Row> messages(SinkTask task) {
    var reader =
        session
            .readStream()
            .format("kafka")
            .option("kafka.bootstrap.servers", kafka.bootstrapServers())
            .option("subscribe", task.topic())
            .option("startingOffsets", "earliest")
            .option("maxOffsetsPerTrigger", task.changesPerBatch());
    ConsumerSettings.FETCH.forEach((key, value) -> reader.option("kafka." + key, value));
    return reader.load();
  }

  private Dataset<Row> typed(Dataset<Row> messages) {
    StructType message = new StructType();
    List<Column> typed = new ArrayList<>();
    for (ColumnDefinition column : columns) {
      boolean isTime = column.type().sqlType() instanceof TimestampType;
      boolean isNumber = isTime || column.type().sqlType().equals(DataTypes.LongType);
      message = message.add(column.from(), isNumber ? DataTypes.LongType : DataTypes.StringType);
      Column sent = col("ride.`" + column.from() + "`");
      Column value = sent;
      if (isTime) {
        value = timestamp_micros(sent);
      } else if (!isNumber) {
        value = sent.substr(lit(3), length(sent).minus(3)).cast(column.type().sqlType());
      }
      typed.add(value.as(column.name()));
    }
    message = message.add(OPERATION, DataTypes.StringType);
    typed.add(col("ride." + OPERATION).as("op"));
    typed.add(col("offset"));
    return messages
        .select(from_json(col("value").cast("string"), message).as("ride"), col("offset"))
        .select(typed.toArray(Column[]::new));
  }

  private DataFrameWriter<Row> append(Dataset<Row> rows) {
    return rows.drop("offset")
        .write()
        .format("jdbc")
        .option("url", target.url())
        .option("user", target.user())
        .option("password", target.password())
        .option("dbtable", "public.bookings")
        .mode("append");
  }

  private VoidFunction2<Dataset<Row>, Long> merge(SinkTask task, StructType changes) {
    String catalog = "lake" + catalogs++;
    SinkContender.icebergCatalog(session, catalog, warehouse(task));
    String table = catalog + ".benchmark.mirror";
    StructType row = new StructType();
    for (ColumnDefinition column : columns) {
      row = row.add(changes.apply(column.name()));
    }
    session.sql(
        "CREATE TABLE IF NOT EXISTS %s (%s) USING iceberg TBLPROPERTIES ('format-version' = '2'%s)"
            .formatted(
                table,
                row.toDDL(),
                task.kind().equals("iceberg-merge")
                    ? ""
                    : ", 'write.merge.mode' = 'merge-on-read'"));
    return (rows, id) -> {
      // MERGE reads its source more than once.
      rows.persist();
      rows.createOrReplaceTempView("changes");
      rows.sparkSession().sql(MERGE.formatted(table));
      rows.unpersist();
    };
  }

  private static String warehouse(SinkTask task) {
    return task.folder().resolve("warehouse").toString();
  }

  @Override
  public TableFigures icebergTable(SinkTask task) {
    return SinkContender.icebergTable(
        session, "look" + catalogs++, warehouse(task), "benchmark.mirror");
  }
}
