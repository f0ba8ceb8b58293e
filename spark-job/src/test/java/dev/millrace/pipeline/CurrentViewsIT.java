package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.StackExtension;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.config.parse.Overrides.TriggerOverride;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.deadletter.DeadLetter;
import dev.millrace.deadletter.DeadLetters;
import dev.millrace.pipeline.command.ViewQuery;
import dev.millrace.pipeline.command.ViewVerification;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shipped views as users ask for them: queried, compared with Postgres, in each kind of sink.
 */
@ExtendWith(StackExtension.class)
class CurrentViewsIT {

  private static final long SEED = 20261129;
  private static final List<String> OPEN = List.of("Requested", "Driver Assigned", "In Progress");

  @TempDir Path folder;

  @Test
  void areTablesOfCassandraThatEqualPostgres(LocalStack stack) throws Exception {
    String sink = "cassandra";
    String topic = "views-" + sink;
    stack.createTopic(topic, 3);
    CassandraTables.of(stack);
    long firstId = firstId(stack);
    play(stack, topic, SEED);
    run(stack, topic, sink);
    play(stack, topic, SEED + 1);
    run(stack, topic, sink);

    Map<String, Ride> rides = rides(stack, firstId);
    assertThat(rides).isNotEmpty();
    Map<String, Map<String, String>> mirror = result(stack, "mirror", "id");
    assertThat(mirror.keySet()).isEqualTo(rides.keySet());
    rides.forEach(
        (id, ride) -> {
          assertThat(mirror.get(id)).containsEntry("booking_status", ride.status());
          assertThat(number(mirror.get(id).get("booking_value"))).isEqualTo(ride.value());
        });
    assertThat(result(stack, "open-rides", "id").keySet())
        .containsExactlyInAnyOrderElementsOf(
            rides.entrySet().stream()
                .filter(each -> OPEN.contains(each.getValue().status()))
                .map(Map.Entry::getKey)
                .toList());
    Map<String, Totals> totals = new TreeMap<>();
    rides.values().stream()
        .filter(ride -> ride.status().equals("Completed"))
        .forEach(
            ride ->
                totals.merge(
                    ride.vehicle(),
                    new Totals(1, ride.value() == null ? 0 : ride.value()),
                    Totals::plus));
    Map<String, Totals> found = new TreeMap<>();
    result(stack, "completed-by-vehicle", "vehicle_type")
        .forEach(
            (vehicle, row) ->
                found.put(
                    vehicle,
                    new Totals(
                        Long.parseLong(row.get("rides")), Double.parseDouble(row.get("revenue")))));
    assertThat(found).isEqualTo(totals);

    copyRides(stack, firstId);
    PipelineDefinition pipeline = compared(stack, topic, sink, List.of());
    assertThat(verify(pipeline, Duration.ZERO))
        .containsPattern(
            "(?m)^mirror, as of batch \\d+: %1$d rows; Postgres: %1$d rows; equal$"
                .formatted(rides.size()))
        .containsPattern(
            "(?m)^table ride_views.mirror at .*: %d rows; equal$".formatted(rides.size()));
    CassandraTables.of(stack)
        .execute(
            "UPDATE ride_views.mirror SET booking_status = 'Lost' WHERE id = " + firstOf(rides));
    assertThatThrownBy(() -> verify(pipeline, Duration.ZERO))
        .hasMessageStartingWith("mirror: the sink does not hold what the view has.");
    assertThat(seen.toString())
        .containsPattern(
            "(?m)^table ride_views.mirror at .*: %d rows; 1 differ$".formatted(rides.size()))
        .containsPattern("(?ms)^The sink has:.*Lost");
  }

  private static String firstOf(Map<String, Ride> rides) {
    return rides.keySet().iterator().next();
  }

  @Test
  void areReadAndComparedWithPostgresWhileTheJobRuns(LocalStack stack) throws Exception {
    String topic = "views-query";
    stack.createTopic(topic, 3);
    long firstId = firstId(stack);
    play(stack, topic, SEED + 4);
    PipelineDefinition pipeline = compared(stack, topic, "parquet", List.of());
    Path checkpoint = folder.resolve("checkpoints/ride-views/table.bookings");
    assertThatThrownBy(() -> query(pipeline, "SELECT * FROM open-rides"))
        .hasMessage(
            "pipeline ride-views: there is no state yet, as no batch of its views is committed in "
                + checkpoint
                + ". Start it with './millrace run PIPELINE --all-outputs', and name the same checkpoints"
                + " here (--checkpoints DIR).");
    try (JobProcess job =
        JobProcess.start(
            "ride-views", folder, "parquet", environment(stack, topic), List.of("--all-outputs"))) {
      play(stack, topic, SEED + 5);
      copyRides(stack, firstId);

      String equal = verify(pipeline, Duration.ofMinutes(3));

      Map<String, Ride> rides = rides(stack, firstId);
      long open = rides.values().stream().filter(ride -> OPEN.contains(ride.status())).count();
      assertThat(equal)
          .containsPattern(
              "(?m)^mirror, as of batch \\d+: %1$d rows; Postgres: %1$d rows; equal$"
                  .formatted(rides.size()))
          .containsPattern("(?m)^completed-by-vehicle, as of batch \\d+: .*; equal$")
          .containsPattern(
              "(?m)^open-rides, as of batch \\d+: %1$d rows; Postgres: %1$d rows; equal$"
                  .formatted(open))
          .containsPattern(
              "(?m)^parquet files in .*/mirror: %d rows; equal$".formatted(rides.size()));
      assertThat(
              query(
                  pipeline,
                  "SELECT count(*) AS n FROM bookings b JOIN open-rides o ON b.id = o.id"))
          .containsPattern("^ n\\n-+\\n %d\\n\\(1 row, as of batch \\d+\\)\\n$".formatted(open));
      assertThatThrownBy(() -> query(pipeline, "SELECT * FROM open_rides"))
          .hasMessage(
              "SQL: there is no relation 'open_rides'. Use one of bookings, completed-by-vehicle,"
                  + " open-rides, mirror. Did you mean 'open-rides'?");
      assertThatThrownBy(() -> query(pipeline, "SELECT fare FROM bookings"))
          .hasMessageContaining("SQL: [UNRESOLVED_COLUMN");
      assertThatThrownBy(
              () ->
                  query(
                      compared(
                          stack,
                          topic,
                          "parquet",
                          List.of("outputs.mirror.sql=SELECT id FROM bookings")),
                      "SELECT * FROM mirror"))
          .hasMessageContaining("does not have the view 'mirror' with this SQL");

      assertThatThrownBy(() -> run(stack, topic, "parquet"))
          .hasMessageContaining("table.bookings/lease: the state is held by process ");
      String lost = plantDifference(stack);

      assertThatThrownBy(() -> verify(pipeline, Duration.ZERO))
          .hasMessageStartingWith("completed-by-vehicle, mirror: not what Postgres (jdbc:");
      assertThat(seen.toString())
          .containsPattern("(?m)^mirror, as of batch \\d+: .*; 1 differ$")
          .containsPattern(
              "(?ms)^Millrace has:.* %s +\\|.*^Postgres has:.* %s +\\|".formatted(lost, lost));
      assertThat(job.terminate()).as(job.seen()).isZero();
    }
    List<Path> before = files(checkpoint);
    query(pipeline, "SELECT * FROM completed-by-vehicle");
    assertThat(files(checkpoint)).isEqualTo(before);
  }

  @Test
  void leaveOutWhatTheyCannotComputeAsDeadLetters(LocalStack stack) throws Exception {
    String topic = "views-dead-letters";
    stack.createTopic(topic, 1);
    long firstId = firstId(stack);
    play(stack, topic, SEED + 6);
    PipelineDefinition pipeline =
        pipeline(
            stack,
            topic,
            "parquet",
            List.of("outputs.open-rides.sql=SELECT id, 100 / (id % 3) AS part FROM bookings"));
    StringWriter said = new StringWriter();

    new PipelineRun(pipeline, new PrintWriter(said, true), 200).run();

    List<String> failing =
        rides(stack, firstId).keySet().stream().filter(id -> Long.parseLong(id) % 3 == 0).toList();
    List<DeadLetter> letters = new ArrayList<>();
    DeadLetters.forEach(pipeline, letters::add);
    assertThat(letters)
        .extracting(letter -> StandardCharsets.UTF_8.decode(letter.key().duplicate()).toString())
        .contains(failing.stream().map("{\"id\":%s}"::formatted).toArray(String[]::new));
    assertThat(letters).extracting(DeadLetter::code).containsOnly("FAILED_EXPRESSION");
    assertThat(letters).extracting(letter -> letter.position().topic()).containsOnly(topic);
    assertThat(letters.get(0).message())
        .startsWith("View open-rides can't compute the row {\"id\":")
        .contains("}: [DIVIDE_BY_ZERO]")
        .endsWith("guard the expression in the SQL (try_divide, try_cast, CASE).");
    assertThat(said.toString())
        .containsPattern(
            "batch 0: .*, %d dead letters of views, state of \\d+ rows and \\d+ groups in \\d+\\.\\d kB took \\d+%%, no lag"
                .formatted(letters.size()));
  }

  @Test
  void stopAtAResultThatIsNotThatOfTheirSql(LocalStack stack) throws Exception {
    String topic = "views-shadow";
    stack.createTopic(topic, 1);
    play(stack, topic, SEED + 7);
    List<String> shadow = List.of("state.shadow=1");
    new PipelineRun(
            pipeline(stack, topic, "parquet", shadow), new PrintWriter(new StringWriter()), 200)
        .run();
    // From now on the state claims to have another view than the one that it was kept for.
    Path log = folder.resolve("checkpoints/ride-views/table.bookings/views/0");
    Files.writeString(
        log, Files.readString(log).replace("booking_status = 'Completed'", "booking_value > 300"));
    play(stack, topic, SEED + 8);
    PipelineDefinition other =
        pipeline(
            stack,
            topic,
            "parquet",
            List.of(
                "state.shadow=1",
                "outputs.completed-by-vehicle.sql=SELECT vehicle_type, count(*) AS rides,"
                    + " sum(booking_value) AS revenue, avg(ride_distance) AS km FROM bookings WHERE"
                    + " booking_value > 300 GROUP BY vehicle_type"));

    assertThatThrownBy(() -> new PipelineRun(other, new PrintWriter(new StringWriter()), 200).run())
        .hasMessageStartingWith("view completed-by-vehicle, batch 1: ")
        .hasMessageContaining("differ from a fresh run of its SQL over the table's rows")
        .hasMessageContaining("Columns [vehicle_type, rides, revenue, km]; the view has [[");
    assertThat(folder.resolve("output/mirror/batch=1")).doesNotExist();
  }

  @Test
  void doNotGoToATopicWhosePartitionsBecameMore(LocalStack stack) throws Exception {
    String topic = "views-grown";
    stack.createTopic(topic, 1);
    long firstId = firstId(stack);
    play(stack, topic, SEED + 9);
    run(stack, topic, "kafka");
    copyRides(stack, firstId);
    assertThat(verify(compared(stack, topic, "kafka", List.of()), Duration.ZERO))
        .containsPattern("(?m)^topic %s.mirror at .* rows; equal$".formatted(topic))
        .containsPattern("(?m)^topic %s.completed-by-vehicle at .* rows; equal$".formatted(topic));
    ChangeTopic.write(
        stack, topic + ".mirror", List.of(tombstone(heldIn(stack, topic + ".mirror"))));
    assertThatThrownBy(() -> verify(compared(stack, topic, "kafka", List.of()), Duration.ZERO))
        .hasMessageStartingWith("mirror: the sink does not hold what the view has.");
    try (Admin admin =
        Admin.create(Map.<String, Object>of("bootstrap.servers", stack.bootstrapServers()))) {
      int before =
          admin
              .describeTopics(List.of(topic + ".mirror"))
              .allTopicNames()
              .get()
              .get(topic + ".mirror")
              .partitions()
              .size();
      admin
          .createPartitions(Map.of(topic + ".mirror", NewPartitions.increaseTo(before + 1)))
          .all()
          .get();

      assertThatThrownBy(() -> run(stack, topic, "kafka"))
          .hasMessageStartingWith(
              "topic '%s.mirror' has %d partitions, and had %d when the view 'mirror' was first"
                  .formatted(topic, before + 1, before))
          .hasMessageContaining("./millrace reset PIPELINE --output mirror --delete-output");
    }
  }

  @Test
  void mayOrderNumberAndTotalTheirGroups(LocalStack stack) throws Exception {
    String topic = "views-levels";
    stack.createTopic(topic, 3);
    long firstId = firstId(stack);
    List<String> settings =
        List.of(
            "source.kafka.max-offsets-per-trigger=150",
            "outputs.completed-by-vehicle.sql=SELECT vehicle_type, sum(booking_value) AS revenue FROM"
                + " bookings GROUP BY vehicle_type ORDER BY revenue DESC NULLS LAST LIMIT 3",
            "outputs.open-rides.sql=SELECT rides, count(*) AS vehicles FROM (SELECT vehicle_type,"
                + " count(*) AS rides FROM bookings GROUP BY vehicle_type) AS v GROUP BY rides",
            "outputs.mirror.sql=SELECT id, vehicle_type, place FROM (SELECT *, row_number() OVER"
                + " (PARTITION BY vehicle_type ORDER BY booking_value DESC NULLS LAST, id) AS place"
                + " FROM bookings) AS b WHERE place <= 2");
    for (int round = 0; round < 2; round++) {
      play(stack, topic, SEED + 20 + round);
      new PipelineRun(
              pipeline(stack, topic, "kafka", settings), new PrintWriter(new StringWriter()), 200)
          .run();
    }
    copyRides(stack, firstId);

    assertThat(verify(compared(stack, topic, "kafka", settings), Duration.ZERO))
        .containsPattern(
            "(?m)^completed-by-vehicle, as of batch \\d+: 3 rows; Postgres: 3 rows; equal$")
        .containsPattern("(?m)^open-rides, as of batch \\d+: .*; equal$")
        .containsPattern("(?m)^mirror, as of batch \\d+: 14 rows; Postgres: 14 rows; equal$")
        .containsPattern(
            "(?m)^topic %s.completed-by-vehicle at .*: 3 rows; equal$".formatted(topic))
        .containsPattern("(?m)^topic %s.open-rides at .*; equal$".formatted(topic))
        .containsPattern("(?m)^topic %s.mirror at .*: 14 rows; equal$".formatted(topic));

    List<String> totals = new ArrayList<>(settings);
    totals.add("state.shadow=1");
    totals.add(
        "outputs.open-rides.sql=SELECT vehicle_type, booking_status, grouping_id() AS level,"
            + " count(*) AS rides FROM bookings GROUP BY ROLLUP (vehicle_type, booking_status)");
    play(stack, topic, SEED + 22);
    PipelineDefinition rollup = pipeline(stack, topic, "kafka", totals);
    new PipelineRun(rollup, new PrintWriter(new StringWriter()), 200).run();
    assertThat(query(rollup, "SELECT sum(rides) AS n FROM open-rides WHERE level = 3"))
        .contains(" " + rides(stack, firstId).size() + "\n");
    assertThat(query(rollup, "SELECT count(*) AS n FROM open-rides WHERE level = 1"))
        .contains(" 7\n");
  }

  @Test
  void loseRowsWhoseTimeHasComeWhileNothingChanges(LocalStack stack) throws Exception {
    String topic = "views-time";
    stack.createTopic(topic, 3);
    long firstId = firstId(stack);
    String isRecent = " FROM bookings WHERE created_at_ts > now() - INTERVAL '60' SECOND";
    List<String> settings =
        List.of(
            "outputs.completed-by-vehicle.sql=SELECT vehicle_type, count(*) AS rides"
                + isRecent
                + " GROUP BY vehicle_type",
            "outputs.open-rides.sql=SELECT id, vehicle_type" + isRecent,
            "outputs.mirror.sql=SELECT id, created_at_ts >= current_date() AS is_new FROM bookings");
    List<String> flags = new ArrayList<>(List.of("--all-outputs"));
    settings.forEach(setting -> flags.addAll(List.of("--set", setting)));
    try (JobProcess job =
        JobProcess.start("ride-views", folder, "kafka", environment(stack, topic), flags)) {
      // A batch without messages, as the topic is empty: the rows are read while they are recent.
      Path commits = folder.resolve("checkpoints/ride-views/table.bookings/commits");
      Awaitility.await()
          .atMost(Duration.ofMinutes(2))
          .until(() -> Files.exists(commits.resolve("0")));
      play(stack, topic, SEED + 30);
      Awaitility.await()
          .atMost(Duration.ofMinutes(2))
          .untilAsserted(
              () -> {
                assertThat(held(stack, topic + ".completed-by-vehicle")).isNotEmpty();
                assertThat(held(stack, topic + ".open-rides")).isNotEmpty();
              });

      Awaitility.await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(
              () -> {
                assertThat(held(stack, topic + ".open-rides")).isEmpty();
                assertThat(held(stack, topic + ".completed-by-vehicle")).isEmpty();
              });
      assertThat(held(stack, topic + ".mirror")).hasSameSizeAs(rides(stack, firstId).keySet());
      assertThat(job.terminate()).as(job.seen()).isZero();
    }
    copyRides(stack, firstId);
    assertThat(verify(compared(stack, topic, "kafka", settings), Duration.ZERO))
        .containsPattern("(?m)^open-rides, as of batch \\d+: 0 rows; Postgres: 0 rows; equal$")
        .containsPattern("(?m)^mirror, as of batch \\d+: .*; equal$")
        .containsPattern("(?m)^topic %s.open-rides at .*: 0 rows; equal$".formatted(topic));

    // A run that ends by itself finds what time alone has changed.
    play(stack, topic, SEED + 31);
    String seen = run(stack, topic, "kafka", settings);
    assertThat(held(stack, topic + ".open-rides")).as(seen).isNotEmpty();
  }

  /** The keys of the rows that a compacted topic holds. */
  private static Set<String> held(LocalStack stack, String topic) {
    Set<String> keys = new HashSet<>();
    for (ConsumerRecord<String, String> each : stack.committedRecords(topic)) {
      if (each.value() == null) {
        keys.remove(each.key());
      } else {
        keys.add(each.key());
      }
    }
    return keys;
  }

  @Test
  void areWholeInFilesWithModeComplete(LocalStack stack) throws Exception {
    String topic = "views-complete";
    stack.createTopic(topic, 1);
    long firstId = firstId(stack);
    List<String> complete = List.of("outputs.open-rides.mode=complete");
    for (int round = 0; round < 2; round++) {
      play(stack, topic, SEED + 10 + round);
      new PipelineRun(
              pipeline(stack, topic, "parquet", complete), new PrintWriter(new StringWriter()), 200)
          .run();
    }

    try (Stream<Path> batches = Files.list(folder.resolve("output/open-rides"))) {
      assertThat(
              batches
                  .map(path -> path.getFileName().toString())
                  .filter(name -> name.startsWith("batch=")))
          .containsExactly("batch=1");
    }
    copyRides(stack, firstId);
    assertThat(verify(compared(stack, topic, "parquet", complete), Duration.ZERO))
        .containsPattern("(?m)^parquet files in .*/open-rides: \\d+ rows; equal$");
    assertThat(DeliveredRows.fromParquet(folder.resolve("output/open-rides")))
        .extracting(row -> row.get("id"))
        .containsExactlyInAnyOrderElementsOf(
            rides(stack, firstId).entrySet().stream()
                .filter(each -> OPEN.contains(each.getValue().status()))
                .map(Map.Entry::getKey)
                .toList());
  }

  /** A record that is the newest of its key, and no tombstone. */
  private static ConsumerRecord<String, String> heldIn(LocalStack stack, String topic) {
    Map<String, ConsumerRecord<String, String>> newest = new HashMap<>();
    stack.committedRecords(topic).forEach(record -> newest.put(record.key(), record));
    return newest.values().stream()
        .filter(record -> record.value() != null)
        .findFirst()
        .orElseThrow();
  }

  /** A record of another writer that deletes the row of this one. */
  private static ConsumerRecord<String, String> tombstone(ConsumerRecord<String, String> record) {
    return new ConsumerRecord<>(
        record.topic(), record.partition(), record.offset(), record.key(), null);
  }

  /** What the last query or comparison printed. */
  private StringWriter seen = new StringWriter();

  private String query(PipelineDefinition pipeline, String sql) {
    seen = new StringWriter();
    new ViewQuery(pipeline, new PrintWriter(seen, true), 200).show(sql, 10);
    return seen.toString();
  }

  private String verify(PipelineDefinition pipeline, Duration wait) throws InterruptedException {
    seen = new StringWriter();
    new ViewVerification(pipeline, new PrintWriter(seen, true), 200).run(wait, 10);
    return seen.toString();
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.sorted().toList();
    }
  }

  /** The rides of the test, as Postgres has them, in a table of their own. */
  private static void copyRides(LocalStack stack, long firstId) throws SQLException {
    execute(stack, "DROP TABLE IF EXISTS compared_rides");
    execute(
        stack,
        "CREATE TABLE compared_rides AS SELECT * FROM %s WHERE id >= %d"
            .formatted(table(), firstId));
  }

  /** Changes the value of a completed ride in Postgres alone; returns its id. */
  private static String plantDifference(LocalStack stack) throws SQLException {
    return execute(
        stack,
        """
        UPDATE compared_rides SET "ncr_ride_bookings.csv/booking+value" = 'b''1.5'''
        WHERE id = (SELECT min(id) FROM compared_rides
                    WHERE "ncr_ride_bookings.csv/booking+status" = 'b''Completed''')
        RETURNING id
        """);
  }

  /** The first value of the result, if there is one. */
  private static String execute(LocalStack stack, String sql) throws SQLException {
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement()) {
      if (!statement.execute(sql)) {
        return null;
      }
      ResultSet result = statement.getResultSet();
      result.next();
      return result.getString(1);
    }
  }

  private Map<String, String> environment(LocalStack stack, String topic) {
    return Map.of(
        "CASSANDRA_CONTACT_POINTS",
        stack.connections().cassandra(),
        "KAFKA_BOOTSTRAP_SERVERS",
        stack.bootstrapServers(),
        "KAFKA_TOPIC",
        topic,
        "OUTPUT_DIR",
        folder.resolve("output").toString(),
        "OUTPUT_TOPIC",
        topic);
  }

  /** The pipeline, to be compared with the table of {@link #copyRides}. */
  private PipelineDefinition compared(
      LocalStack stack, String topic, String sink, List<String> settings) {
    List<String> all = new ArrayList<>(settings);
    all.add("source.postgres.url=" + stack.jdbcUrl());
    all.add("source.postgres.user=" + stack.connections().postgresUser());
    all.add("source.postgres.password=" + stack.connections().postgresPassword());
    all.add("source.postgres.table=public.compared_rides");
    return pipeline(stack, topic, sink, all);
  }

  private record Ride(String status, String vehicle, Double value) {}

  /** Values are whole numbers or halves of rupees: their sums are exact. */
  private record Totals(long rides, double revenue) {
    Totals plus(Totals other) {
      return new Totals(rides + other.rides, revenue + other.revenue);
    }
  }

  private static Double number(String text) {
    return text == null ? null : Double.valueOf(text);
  }

  private static long firstId(LocalStack stack) throws SQLException {
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement();
        ResultSet id =
            statement.executeQuery(
                "SELECT nextval(pg_get_serial_sequence('%s', 'id')) + 1".formatted(table()))) {
      id.next();
      return id.getLong(1);
    }
  }

  private static String table() {
    return "public.business_ncr_ride_bookings";
  }

  /** Plays rides in Postgres, and copies what Debezium makes of them to the test's topic. */
  private static void play(LocalStack stack, String topic, long seed) throws Exception {
    ChangeTopic.write(stack, topic, PlayedRides.changes(stack, seed, 100));
  }

  private String run(LocalStack stack, String topic, String sink) throws InterruptedException {
    return run(stack, topic, sink, List.of("source.kafka.max-offsets-per-trigger=150"));
  }

  private String run(LocalStack stack, String topic, String sink, List<String> settings)
      throws InterruptedException {
    StringWriter seen = new StringWriter();
    new PipelineRun(pipeline(stack, topic, sink, settings), new PrintWriter(seen, true), 200).run();
    return seen.toString();
  }

  private PipelineDefinition pipeline(
      LocalStack stack, String topic, String sink, List<String> settings) {
    Overrides overrides =
        new Overrides(
            new OutputChoice.All(),
            Optional.of(sink),
            settings,
            Optional.of(TriggerOverride.AVAILABLE_NOW),
            Optional.of(folder.resolve("checkpoints").toString()));
    String file =
        Path.of(System.getProperty("millrace.home"), "pipelines", "ride-views.yaml").toString();
    return new PipelineLoader(environment(stack, topic), SinkConnectors.STANDARD.kinds())
        .load(file, overrides)
        .definition();
  }

  /** The rows of a view's table in Cassandra, by key. */
  private static Map<String, Map<String, String>> result(
      LocalStack stack, String output, String key) {
    Map<String, Map<String, String>> held = new HashMap<>();
    for (Map<String, Object> row :
        new CassandraTables(stack)
            .query("SELECT * FROM ride_views.%s".formatted(output.replace('-', '_')))) {
      Map<String, String> texts = new HashMap<>();
      row.forEach((name, value) -> texts.put(name, value.toString()));
      held.put(texts.get(key), texts);
    }
    return held;
  }

  private static Map<String, Ride> rides(LocalStack stack, long firstId) throws SQLException {
    Map<String, Ride> rides = new HashMap<>();
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                SELECT id, "ncr_ride_bookings.csv/booking+status",
                       "ncr_ride_bookings.csv/vehicle+type", "ncr_ride_bookings.csv/booking+value"
                FROM %s WHERE id >= %d
                """
                    .formatted(table(), firstId))) {
      while (rows.next()) {
        rides.put(
            rows.getString(1),
            new Ride(
                text(rows.getString(2)), text(rows.getString(3)), number(text(rows.getString(4)))));
      }
    }
    return rides;
  }

  /** The text of a bytes literal; null for what means null. */
  private static String text(String literal) {
    if (literal == null) {
      return null;
    }
    String text = literal.substring(2, literal.length() - 1);
    return List.of("", "null", "nan").contains(text) ? null : text;
  }
}
