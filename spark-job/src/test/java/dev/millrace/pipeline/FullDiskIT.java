package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.stack.LocalStack;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The disk of a sink is full, and later is not: nothing is lost, and nothing is there twice. */
@ExtendWith(StackExtension.class)
class FullDiskIT {

  private static final long SEED = 20261202;
  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final String NO_SPACE = "No space left on device";

  @TempDir Path folder;

  /** The server answers with an error, which passes once there is space. */
  @Test
  void aRunIntoPostgresWaitsForSpaceAndContinues(LocalStack stack) throws Exception {
    Map<Integer, Long> begin = stack.endOffsets(StackExtension.TOPIC);
    long firstId = RideViews.firstId(stack);
    try (TargetPostgres target = new TargetPostgres(folder);
        SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 8)) {
      try (Connection connection = target.connect();
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE TABLESPACE small LOCATION '%s'".formatted(disk.folder()));
        statement.execute("ALTER DATABASE postgres SET default_tablespace = small");
      }
      PlayedRides.play(stack, SEED, 20);
      try (JobProcess job = start("postgres", begin, environment(stack, target, folder))) {
        RideViews views =
            new RideViews(stack, "postgres", "public", folder, firstId, "", target::connect);
        awaitEqual(views, job);
        disk.fill();
        PlayedRides.play(stack, SEED + 1, 100);
        Awaitility.await()
            .atMost(TIMEOUT)
            .until(() -> job.requireAlive() && job.seen().contains(NO_SPACE));
        assertThat(job.seen()).containsPattern("can't be used now \\(.*" + NO_SPACE);
        disk.free();
        awaitEqual(views, job);
        assertThat(job.seen()).contains("answers again");
        assertThat(job.terminate()).as(job.seen()).isZero();
      }
    }
  }

  /** A file system that is full is an error of the run, which the next one continues after. */
  @ParameterizedTest
  @ValueSource(strings = {"iceberg", "parquet"})
  void aRunIntoFilesEndsWithTheCauseAndTheNextOneContinues(String sink, LocalStack stack)
      throws Exception {
    Map<Integer, Long> begin = stack.endOffsets(StackExtension.TOPIC);
    long firstId = RideViews.firstId(stack);
    try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 16)) {
      Map<String, String> environment = environment(stack, null, disk.folder());
      String smallBatches = "source.kafka.max-offsets-per-trigger=40";
      PlayedRides.play(stack, SEED + 2, 60);
      try (JobProcess job =
          start(sink, begin, environment, "--available-now", "--set", smallBatches)) {
        assertThat(job.awaitExit()).as(job.seen()).isZero();
      }
      PlayedRides.play(stack, SEED + 3, 40);
      disk.fill();
      try (JobProcess job = start(sink, begin, environment, "--available-now")) {
        assertThat(job.awaitExit()).as(job.seen()).isEqualTo(1);
        assertThat(job.seen()).contains(NO_SPACE);
      }
      disk.free();
      try (JobProcess job = start(sink, begin, environment, "--available-now")) {
        assertThat(job.awaitExit()).as(job.seen()).isZero();
      }
      new RideViews(stack, sink, "ride_views", disk.folder(), firstId).requireEqualToPostgres();
    }
  }

  private static Map<String, String> environment(
      LocalStack stack, TargetPostgres target, Path output) {
    Map<String, String> environment = new HashMap<>();
    environment.put("KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers());
    environment.put("KAFKA_TOPIC", StackExtension.TOPIC);
    environment.put("OUTPUT_DIR", output.toString());
    if (target != null) {
      environment.put("OUTPUT_POSTGRES_URL", target.url());
      environment.put("OUTPUT_POSTGRES_PASSWORD", target.password());
    }
    return environment;
  }

  private JobProcess start(
      String sink, Map<Integer, Long> begin, Map<String, String> environment, String... flags)
      throws Exception {
    List<String> all = new ArrayList<>(List.of("--all-outputs"));
    new TestPipeline("", StackExtension.TOPIC, folder, sink)
        .from(begin)
        .settings()
        .forEach(setting -> all.addAll(List.of("--set", setting)));
    all.addAll(List.of(flags));
    return JobProcess.start("ride-views", folder, sink, environment, all);
  }

  private static void awaitEqual(RideViews views, JobProcess job) {
    Awaitility.await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> {
              job.requireAlive();
              views.requireEqualToPostgres();
            });
  }
}
