package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.pipeline.command.ViewQuery;
import dev.millrace.pipeline.postgres.PostgresView;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Views that are joined with a file, which is replaced while the job runs and is killed. */
@ExtendWith(StackExtension.class)
class ViewJoinsIT {

  private static final int KILLS = Integer.getInteger("millrace.views.kills", 3);
  private static final int FIRST_RIDES = 60;
  private static final int RIDES = 12;
  private static final Duration TIMEOUT = Duration.ofMinutes(4);
  private static final List<String> VEHICLES =
      List.of("Auto", "Bike", "eBike", "Go Mini", "Go Sedan", "Premier Sedan", "Uber XL");

  @TempDir Path folder;

  /** A row of the file; several of a vehicle, or none, are possible. */
  private record Rate(String vehicle, String kind, BigDecimal fee) {}

  @Test
  void equalPostgresWithTheSameRowsInATable(LocalStack stack) throws Exception {
    long seed = System.nanoTime();
    System.out.printf("views joined with a file: seed %d%n", seed);
    Random random = new Random(seed);
    Map<Integer, Long> begin = stack.endOffsets(StackExtension.TOPIC);
    long firstId = RideViews.firstId(stack);
    String byKind =
        "SELECT kind, count(*) AS rides, sum(fee) AS fees FROM bookings LEFT JOIN rates ON"
            + " vehicle_type = vehicle WHERE id >= %d GROUP BY kind".formatted(firstId);
    String byRide =
        "SELECT id, booking_status, fee FROM bookings JOIN rates ON vehicle_type = vehicle AND fee"
            + " > 1 WHERE id >= %d".formatted(firstId);
    List<String> settings =
        new ArrayList<>(
            new TestPipeline("", StackExtension.TOPIC, folder, "parquet").from(begin).settings());
    settings.addAll(
        List.of(
            "source.kafka.max-offsets-per-trigger=25",
            "lookups.rates.files.path=" + folder.resolve("rates.csv"),
            "lookups.rates.files.format=csv",
            "lookups.rates.files.schema.vehicle.type=string",
            "lookups.rates.files.schema.kind.type=string",
            "lookups.rates.files.schema.fee.type=decimal(6,2)",
            "outputs.completed-by-vehicle.sql=" + byKind,
            "outputs.open-rides.sql=" + byRide));
    List<String> flags = new ArrayList<>(List.of("--all-outputs"));
    settings.forEach(setting -> flags.addAll(List.of("--set", setting)));
    List<Rate> rates = replaceRates(random);
    PlayedRides.play(stack, seed, FIRST_RIDES);
    for (int kill = 1; kill <= KILLS; kill++) {
      try (JobProcess job = start(stack, flags)) {
        long before = newest();
        Awaitility.await().atMost(TIMEOUT).until(() -> newest() > before);
        rates = replaceRates(random);
        PlayedRides.play(stack, seed + kill, RIDES);
        LockSupport.parkNanos(Duration.ofMillis(random.nextInt(1500)).toNanos());
        job.kill();
      }
      if (kill % 2 == 0) rates = replaceRates(random);
    }
    PlayedRides.play(stack, seed + KILLS + 1, RIDES);
    flags.add("--available-now");
    try (JobProcess job = start(stack, flags)) {
      assertThat(job.awaitExit()).as(job.seen()).isZero();
    }

    RideViews views = new RideViews(stack, "parquet", "", folder.resolve("output"), firstId);
    PipelineDefinition pipeline = pipeline(stack, settings);
    assertThat(held(views.result("completed-by-vehicle", "kind"), "rides", "fees"))
        .isEqualTo(inPostgres(stack, pipeline, rates, byKind));
    assertThat(held(views.result("open-rides", "id"), "booking_status", "fee"))
        .isNotEmpty()
        .isEqualTo(inPostgres(stack, pipeline, rates, byRide));
    assertThat(query(pipeline, "SELECT count(*) AS n FROM open-rides"))
        .contains(" " + views.result("open-rides", "id").size() + "\n");
  }

  private static Map<String, List<String>> held(
      Map<String, Map<String, String>> rows, String... columns) {
    Map<String, List<String>> held = new HashMap<>();
    rows.forEach((key, row) -> held.put(key, Arrays.stream(columns).map(row::get).toList()));
    return held;
  }

  private Map<String, List<String>> inPostgres(
      LocalStack stack, PipelineDefinition pipeline, List<Rate> rates, String sql)
      throws SQLException {
    Map<String, List<String>> expected = new HashMap<>();
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TEMP TABLE rates (vehicle text, kind text, fee numeric(6,2))");
      try (var insert = connection.prepareStatement("INSERT INTO rates VALUES (?, ?, ?)")) {
        for (Rate rate : rates) {
          insert.setString(1, rate.vehicle());
          insert.setString(2, rate.kind());
          insert.setBigDecimal(3, rate.fee());
          insert.execute();
        }
      }
      try (ResultSet rows =
          statement.executeQuery(
              PostgresView.of(pipeline).over(sql, Map.of(), OptionalLong.empty()))) {
        while (rows.next()) {
          expected.put(rows.getString(1), Arrays.asList(rows.getString(2), rows.getString(3)));
        }
      }
    }
    return expected;
  }

  /** Replaces the file by one rename, as an operator should. */
  private List<Rate> replaceRates(Random random) throws IOException {
    List<Rate> rates = new ArrayList<>();
    StringBuilder csv = new StringBuilder("vehicle,kind,fee\n");
    for (String vehicle : VEHICLES) {
      if (random.nextInt(4) > 0) {
        Rate rate =
            new Rate(
                vehicle,
                random.nextInt(5) == 0 ? null : "kind " + random.nextInt(3),
                new BigDecimal(random.nextInt(400)).movePointLeft(2));
        rates.add(rate);
        csv.append(vehicle).append(',').append(rate.kind() == null ? "" : rate.kind());
        csv.append(',').append(rate.fee()).append('\n');
      }
    }
    Path written = Files.writeString(folder.resolve("rates.tmp"), csv);
    Files.move(
        written,
        folder.resolve("rates.csv"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    return rates;
  }

  private Map<String, String> environment(LocalStack stack) {
    return Map.of(
        "KAFKA_BOOTSTRAP_SERVERS",
        stack.bootstrapServers(),
        "KAFKA_TOPIC",
        StackExtension.TOPIC,
        "OUTPUT_DIR",
        folder.resolve("output").toString());
  }

  private JobProcess start(LocalStack stack, List<String> flags) throws IOException {
    return JobProcess.start("ride-views", folder, "parquet", environment(stack), flags);
  }

  private PipelineDefinition pipeline(LocalStack stack, List<String> settings) {
    Overrides overrides =
        new Overrides(
            new OutputChoice.All(),
            Optional.of("parquet"),
            settings,
            Optional.empty(),
            Optional.of(folder.resolve("checkpoints").toString()));
    String file =
        Path.of(System.getProperty("millrace.home"), "pipelines", "ride-views.yaml").toString();
    return new PipelineLoader(environment(stack), SinkConnectors.STANDARD.kinds())
        .load(file, overrides)
        .definition();
  }

  private static String query(PipelineDefinition pipeline, String sql) {
    StringWriter seen = new StringWriter();
    new ViewQuery(pipeline, new PrintWriter(seen, true), 200).show(sql, 10);
    return seen.toString();
  }

  private long newest() throws IOException {
    Path commits = folder.resolve("checkpoints/ride-views/table.bookings/commits");
    if (!Files.isDirectory(commits)) {
      return -1;
    }
    try (var batches = Files.list(commits)) {
      return batches
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("\\d+"))
          .mapToLong(Long::parseLong)
          .max()
          .orElse(-1);
    }
  }
}
