package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.pipeline.command.ViewVerification;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A view of each kind in one pipeline, whose job is killed by SIGKILL while a batch is in flight:
 * in the end each equals what Postgres makes of the same SQL, and so does its sink. {@code
 * -Dmillrace.kinds.kills=20} makes it a long run.
 */
@ExtendWith(StackExtension.class)
class ViewKindsIT {

  private static final int KILLS = Integer.getInteger("millrace.kinds.kills", 2);
  private static final int FIRST_RIDES = 120;
  private static final int RIDES = 20;
  private static final Duration TIMEOUT = Duration.ofMinutes(4);

  /** In words that Spark and Postgres share. */
  private static final Map<String, String> VIEWS =
      Map.ofEntries(
          Map.entry(
              "filtered",
              "SELECT id, customer_id FROM bookings WHERE booking_status = 'Completed'"),
          Map.entry(
              "grouped",
              "SELECT vehicle_type, count(*) AS rides, sum(ride_distance) AS km, max(ride_distance) AS longest, count(DISTINCT payment_method) AS methods FROM bookings GROUP BY vehicle_type"),
          Map.entry(
              "top",
              "SELECT pickup_location, count(*) AS rides FROM bookings GROUP BY pickup_location ORDER BY rides DESC, pickup_location LIMIT 5"),
          Map.entry(
              "newest",
              "SELECT id, vehicle_type, place FROM (SELECT id, vehicle_type, row_number() OVER (PARTITION BY vehicle_type ORDER BY id DESC) AS place FROM bookings) AS r WHERE place <= 3"),
          Map.entry(
              "ranked",
              "SELECT id, vehicle_type, rank() OVER (PARTITION BY vehicle_type ORDER BY ride_distance DESC NULLS LAST) AS place, lag(id) OVER (PARTITION BY vehicle_type ORDER BY id) AS earlier FROM bookings"),
          Map.entry(
              "typical",
              "SELECT vehicle_type, percentile_disc(0.5) WITHIN GROUP (ORDER BY ride_distance) AS km FROM bookings GROUP BY vehicle_type"),
          Map.entry("distinct", "SELECT DISTINCT booking_status, vehicle_type FROM bookings"),
          Map.entry(
              "sizes",
              "SELECT rides, count(*) AS places FROM (SELECT pickup_location, count(*) AS rides FROM bookings GROUP BY pickup_location) AS p GROUP BY rides"),
          Map.entry(
              "neighbours",
              "SELECT id, pickup_location FROM bookings AS b WHERE EXISTS (SELECT 1 FROM bookings AS o WHERE o.pickup_location = b.pickup_location AND o.id <> b.id)"),
          Map.entry(
              "returns",
              "SELECT a.id, b.id AS back, b.booking_status FROM bookings AS a LEFT JOIN bookings AS b ON a.drop_location = b.pickup_location AND a.pickup_location = b.drop_location"),
          Map.entry(
              "below-longest",
              "SELECT b.id, b.ride_distance, g.longest FROM bookings AS b JOIN (SELECT vehicle_type AS vehicle, max(ride_distance) AS longest FROM bookings GROUP BY vehicle_type) AS g ON b.vehicle_type = g.vehicle WHERE b.ride_distance < g.longest"),
          Map.entry(
              "first-of-place",
              "SELECT id, pickup_location FROM bookings AS b WHERE id = (SELECT min(o.id) FROM bookings AS o WHERE o.pickup_location = b.pickup_location)"));

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "kafka", "cassandra"})
  void equalPostgresAfterKills(String sink, LocalStack stack) throws Exception {
    long seed = System.nanoTime();
    System.out.printf("kinds of views, sink %s: seed %d%n", sink, seed);
    if (sink.equals("cassandra")) {
      CassandraTables.of(stack);
    }
    Map<Integer, Long> begin = stack.endOffsets(StackExtension.TOPIC);
    long firstId = RideViews.firstId(stack);
    Path file = folder.resolve("view-kinds.yaml");
    // A null is part of the key where a left join matches nothing, which Cassandra can't store.
    Files.writeString(
        file, sink.equals("cassandra") ? definition().replace("LEFT JOIN", "JOIN") : definition());
    List<String> settings =
        new ArrayList<>(
            new TestPipeline("", StackExtension.TOPIC, folder, sink).from(begin).settings());
    settings.add("sinks.cassandra.keyspace=view_kinds");
    PlayedRides.play(stack, seed, FIRST_RIDES);
    List<String> flags = new ArrayList<>();
    settings.forEach(setting -> flags.addAll(List.of("--set", setting)));
    flags.addAll(List.of("--checkpoints", folder.resolve("checkpoints").toString()));
    for (int kill = 1; kill <= KILLS; kill++) {
      try (JobProcess job =
          start(file, sink, stack, flags, "--set", "source.kafka.max-offsets-per-trigger=40")) {
        long before = newest("commits");
        Awaitility.await()
            .atMost(TIMEOUT)
            .pollInterval(Duration.ofMillis(2))
            .until(
                () -> {
                  job.requireAlive();
                  return newest("commits") > before && newest("offsets") > newest("commits");
                });
        job.kill();
      }
      PlayedRides.play(stack, seed + kill, RIDES);
    }
    try (JobProcess job = start(file, sink, stack, flags, "--available-now")) {
      assertThat(job.awaitExit()).as(job.seen()).isZero();
    }

    copyRides(stack, firstId);
    settings.add("source.postgres.url=" + stack.jdbcUrl());
    settings.add("source.postgres.user=" + stack.connections().postgresUser());
    settings.add("source.postgres.password=" + stack.connections().postgresPassword());
    settings.add("source.postgres.table=public.kinds_of_rides");
    StringWriter seen = new StringWriter();
    new ViewVerification(definition(file, sink, stack, settings), new PrintWriter(seen, true), 200)
        .run(Duration.ZERO, 10);
    for (String view : VIEWS.keySet()) {
      assertThat(seen.toString())
          .containsPattern(
              "(?m)^%s, as of batch \\d+: ([\\d,]+) rows?; Postgres: \\1 rows?; equal$"
                  .formatted(view));
    }
    // The views, and the sink of each.
    assertThat(seen.toString().lines().filter(line -> line.endsWith("; equal")))
        .hasSize(2 * VIEWS.size());
  }

  /** The shipped pipeline with the views of this test. */
  private static String definition() throws IOException {
    String shipped =
        Files.readString(
            Path.of(System.getProperty("millrace.home"), "pipelines", "ride-views.yaml"));
    StringBuilder views = new StringBuilder("outputs:\n");
    VIEWS.forEach(
        (name, sql) ->
            views.append("  %s:\n    sql: >-\n      %s\n    sink: ${SINK}\n".formatted(name, sql)));
    return shipped.substring(0, shipped.indexOf("outputs:\n"))
        + views
        + shipped.substring(shipped.indexOf("\nsinks:\n"));
  }

  private PipelineDefinition definition(
      Path file, String sink, LocalStack stack, List<String> settings) {
    return new PipelineLoader(environment(sink, stack), SinkConnectors.STANDARD.kinds())
        .load(
            file.toString(),
            new Overrides(
                new OutputChoice.All(),
                Optional.of(sink),
                settings,
                Optional.empty(),
                Optional.of(folder.resolve("checkpoints").toString())))
        .definition();
  }

  private JobProcess start(
      Path file, String sink, LocalStack stack, List<String> flags, String... more)
      throws IOException {
    List<String> all = new ArrayList<>(flags);
    all.addAll(List.of(more));
    return JobProcess.start(file, folder, environment(sink, stack), all.toArray(String[]::new));
  }

  private Map<String, String> environment(String sink, LocalStack stack) {
    Map<String, String> environment = new HashMap<>();
    environment.put("SINK", sink);
    environment.put("KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers());
    environment.put("KAFKA_TOPIC", StackExtension.TOPIC);
    environment.put("OUTPUT_DIR", folder.resolve("output").toString());
    environment.put("OUTPUT_TOPIC", "view-kinds-" + sink);
    if (sink.equals("cassandra")) {
      environment.put("CASSANDRA_CONTACT_POINTS", stack.connections().cassandra());
    }
    return environment;
  }

  private static void copyRides(LocalStack stack, long firstId) throws SQLException {
    stack.execute(
        "DROP TABLE IF EXISTS kinds_of_rides; CREATE TABLE kinds_of_rides AS SELECT * FROM %s WHERE id >= %d"
            .formatted("public.business_ncr_ride_bookings", firstId));
  }

  private long newest(String log) throws IOException {
    Path files = folder.resolve("checkpoints/ride-views/table.bookings").resolve(log);
    if (!Files.isDirectory(files)) {
      return -1;
    }
    try (Stream<Path> batches = Files.list(files)) {
      return batches
          .map(batch -> batch.getFileName().toString())
          .filter(name -> name.matches("\\d+"))
          .mapToLong(Long::parseLong)
          .max()
          .orElse(-1);
    }
  }
}
