package dev.millrace.benchmark.contender;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.pipeline.PipelineRun;
import dev.millrace.pipeline.SinkConnectors;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.VoidFunction2;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A topic of changes to views of its table, with each store of the state: one view, five, and one
 * with the values of its groups; and Spark's own stateful aggregation of the first view's SQL over
 * the changes, in turn, in one session. Spark's counts every version of a row and takes nothing
 * back: it is what the same read, group and write cost without a table. Prints a line for each run;
 * what it is doing goes to standard error.
 *
 * <pre>
 *   run rocksdb-1|rocksdb-5|rocksdb-values|memory-1|memory-5|memory-values|spark MESSAGES NANOSECONDS CPU-NANOSECONDS
 * </pre>
 */
public final class ViewRuns {

  private static final int OFFSETS_PER_TRIGGER = 100_000;

  private static final String STATUS = "ncr_ride_bookings.csv/booking+status";
  private static final String VEHICLE = "ncr_ride_bookings.csv/vehicle+type";
  private static final String VALUE = "ncr_ride_bookings.csv/booking+value";
  private static final String DISTANCE = "ncr_ride_bookings.csv/ride+distance";

  /** Few groups, many groups, a filter, an expression, and a projection. */
  private static final List<String> VIEWS =
      List.of(
          "SELECT vehicle_type, count(*) AS rides, sum(booking_value) AS revenue,"
              + " avg(ride_distance) AS km FROM bookings WHERE booking_status = 'Completed'"
              + " GROUP BY vehicle_type",
          "SELECT booking_status, count(*) AS rides FROM bookings GROUP BY booking_status",
          "SELECT customer_id, count(*) AS rides, sum(booking_value) AS spent FROM bookings"
              + " GROUP BY customer_id",
          "SELECT substring(pickup_location, 1, 1) AS initial, sum(ride_distance) AS km"
              + " FROM bookings GROUP BY substring(pickup_location, 1, 1)",
          "SELECT id, customer_id, pickup_location FROM bookings"
              + " WHERE booking_status IN ('Requested', 'Driver Assigned', 'In Progress')");

  /** What needs the values of a group, not sums alone. */
  private static final String OF_VALUES =
      "SELECT vehicle_type, count(*) AS rides, min(booking_value) AS least, max(ride_distance) AS"
          + " longest, count(DISTINCT pickup_location) AS places FROM bookings GROUP BY vehicle_type";

  private static final String PIPELINE =
      """
      name: views
      source:
        kafka:
          bootstrap-servers: "%s"
          topic: "%s"
          starting-offsets: earliest
          max-offsets-per-trigger: %d
        format: debezium-json
      table:
        name: bookings
        key: [id]
        text-encoding: python-bytes
        null-tokens: ["", "null", "NULL", "nan", "NaN", "None"]
        columns:
          id: {type: bigint}
          booking_status: {from: ncr_ride_bookings.csv/booking+status, type: string}
          customer_id: {from: ncr_ride_bookings.csv/customer+id, type: string}
          vehicle_type: {from: ncr_ride_bookings.csv/vehicle+type, type: string}
          pickup_location: {from: ncr_ride_bookings.csv/pickup+location, type: string}
          booking_value: {from: ncr_ride_bookings.csv/booking+value, type: double}
          ride_distance: {from: ncr_ride_bookings.csv/ride+distance, type: double}
      outputs:
      %s
      sinks: {parquet: {path: "%s/{output}"}}
      state: {store: %s, partitions: %d, memory-megabytes: 512}
      dead-letters: {sink: parquet, path: "%s"}
      checkpoints: "%s"
      """;

  private final SparkSession session = SparkStream.session();
  private final Contender.Task task;
  private final Path work;

  private ViewRuns(Contender.Task task, Path work) {
    this.task = task;
    this.work = work;
    // Spark's aggregation, as its documentation advises for large state.
    session
        .conf()
        .set(
            "spark.sql.streaming.stateStore.providerClass",
            "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider");
    session
        .conf()
        .set("spark.sql.streaming.stateStore.rocksdb.changelogCheckpointing.enabled", "true");
  }

  /** The names of the contenders, in order. */
  public static List<String> contenders() {
    List<String> names = new ArrayList<>();
    for (String store : List.of("rocksdb", "memory")) {
      for (String views : List.of("1", Integer.toString(VIEWS.size()), "values")) {
        names.add(store + "-" + views);
      }
    }
    names.add("spark");
    return names;
  }

  /**
   * Measures.
   *
   * @param arguments a folder to work in, bootstrap servers, topic, messages, partitions, warm-ups,
   *     rounds
   */
  public static void main(String[] arguments) throws Exception {
    long messages = Long.parseLong(arguments[3]);
    int warmUps = Integer.parseInt(arguments[5]);
    int rounds = Integer.parseInt(arguments[6]);
    ViewRuns runs =
        new ViewRuns(
            new Contender.Task(
                arguments[1],
                arguments[2],
                messages,
                Integer.parseInt(arguments[4]),
                1,
                7,
                "parquet"),
            Path.of(arguments[0]));
    for (int round = -warmUps; round < rounds; round++) {
      for (String contender : contenders()) {
        Contender.Run run = runs.run(contender);
        System.out.printf(
            "%s %s %d %d %d%n",
            round < 0 ? "warm-up" : "run",
            contender,
            run.messages(),
            run.nanoseconds(),
            run.cpuNanoseconds());
      }
    }
    System.exit(0);
  }

  private Contender.Run run(String contender) throws Exception {
    Path folder = work.resolve("run");
    delete(folder);
    Files.createDirectories(folder);
    if (contender.equals("spark")) {
      spark(folder);
    } else {
      String[] words = contender.split("-", -1);
      List<String> views =
          words[1].equals("values")
              ? List.of(OF_VALUES)
              : VIEWS.subList(0, Integer.parseInt(words[1]));
      views(words[0], views, folder);
    }
    Contender.Run run = StreamedRun.next();
    if (run.messages() != task.messages()) {
      throw new IllegalStateException(
          "%s read %d of %d messages".formatted(contender, run.messages(), task.messages()));
    }
    delete(folder);
    System.gc();
    return run;
  }

  private void views(String store, List<String> views, Path folder) throws Exception {
    StringBuilder outputs = new StringBuilder();
    for (int i = 0; i < views.size(); i++) {
      outputs.append("  view-%d: {sql: \"%s\", sink: parquet}%n".formatted(i + 1, views.get(i)));
    }
    Path file =
        Files.writeString(
            folder.resolve("views.yaml"),
            PIPELINE.formatted(
                task.bootstrapServers(),
                task.topic(),
                OFFSETS_PER_TRIGGER,
                outputs.toString().stripTrailing(),
                folder.resolve("output"),
                store,
                task.partitions(),
                folder.resolve("dead-letters"),
                folder.resolve("checkpoints")));
    Overrides overrides = Overrides.allAvailableNow();
    PipelineDefinition pipeline =
        new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
            .load(file.toString(), overrides)
            .definition();
    new PipelineRun(pipeline, new PrintWriter(System.err, true, StandardCharsets.UTF_8), 140)
        .runIn(session);
  }

  private void spark(Path folder) throws Exception {
    StructType message =
        new StructType()
            .add(STATUS, DataTypes.StringType)
            .add(VEHICLE, DataTypes.StringType)
            .add(VALUE, DataTypes.StringType)
            .add(DISTANCE, DataTypes.StringType);
    session
        .readStream()
        .format("kafka")
        .option("kafka.bootstrap.servers", task.bootstrapServers())
        .option("subscribe", task.topic())
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", OFFSETS_PER_TRIGGER)
        .load()
        .select(functions.from_json(functions.col("value").cast("string"), message).as("ride"))
        .select(
            text(STATUS).as("booking_status"),
            text(VEHICLE).as("vehicle_type"),
            text(VALUE).cast("double").as("booking_value"),
            text(DISTANCE).cast("double").as("ride_distance"))
        .where("booking_status = 'Completed'")
        .groupBy("vehicle_type")
        .agg(
            functions.count("*").as("rides"),
            functions.sum("booking_value").as("revenue"),
            functions.avg("ride_distance").as("km"))
        .writeStream()
        .outputMode("update")
        .option("checkpointLocation", folder.resolve("checkpoint").toString())
        .trigger(Trigger.AvailableNow())
        .foreachBatch(
            (VoidFunction2<Dataset<Row>, Long>)
                (rows, id) ->
                    rows.write().parquet(folder.resolve("output").resolve("" + id).toString()))
        .start()
        .awaitTermination();
  }

  /** The text of a bytes literal: {@code b'Completed'}. */
  private static Column text(String field) {
    Column literal = functions.col("ride").getField(field);
    return literal.substr(functions.lit(3), functions.length(literal).minus(3));
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
