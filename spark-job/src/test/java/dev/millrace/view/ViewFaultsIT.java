package dev.millrace.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.SparkTest;
import dev.millrace.pipeline.LocalDiskSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.io.FileUtils;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks that are ended in their middle and run again: each view equals Spark's result. */
class ViewFaultsIT {

  private static final int QUERIES = 10;
  private static final int BATCHES = 6;
  private static final int EXECUTOR_KILLS = 2;

  /** Where Spark's local cluster puts what its executors print. */
  private static final Path WORK = Path.of("work");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aTaskThatIsKilledRunsAgain(boolean isInMemory) {
    long seed = seed(isInMemory);
    System.out.println("killed tasks: seed " + seed);
    Random random = new Random(seed);
    AtomicInteger killed = new AtomicInteger();
    ScheduledExecutorService killer = Executors.newSingleThreadScheduledExecutor();
    try (SparkSession session = SparkTest.open("killed tasks")) {
      session
          .sparkContext()
          .addSparkListener(
              new SparkListener() {
                @Override
                @SuppressWarnings("FutureReturnValueIgnored")
                public void onTaskStart(SparkListenerTaskStart task) {
                  if (random.nextInt(4) == 0 && task.taskInfo().attemptNumber() == 0) {
                    long id = task.taskInfo().taskId();
                    killer.schedule(
                        () -> {
                          if (session
                              .sparkContext()
                              .killTaskAttempt(id, random.nextBoolean(), "by the test")) {
                            killed.incrementAndGet();
                          }
                        },
                        random.nextInt(20),
                        TimeUnit.MILLISECONDS);
                  }
                }
              });
      RandomViews views = new RandomViews(session, folder, QUERIES, List.of(), 1);

      assertThat(views.firstDifference(seed, BATCHES)).isEmpty();
    } finally {
      killer.shutdownNow();
    }
    System.out.printf("killed tasks: %d%n", killed.get());
    assertThat(killed.get()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theTasksOfAKilledExecutorRunElsewhere(boolean isInMemory) {
    long seed = seed(isInMemory);
    System.out.println("killed executors: seed " + seed);
    Random random = new Random(seed);
    AtomicInteger killed = new AtomicInteger();
    ScheduledExecutorService killer = Executors.newSingleThreadScheduledExecutor();
    try (SparkSession session = cluster()) {
      RandomViews views = new RandomViews(session, folder, QUERIES, List.of(), 1);
      // The first batch of an executor loads classes for seconds.
      assertThat(views.firstDifference(seed, 1)).isEmpty();
      var kills =
          killer.scheduleWithFixedDelay(
              () -> {
                List<ProcessHandle> executors = executors();
                if (killed.get() < EXECUTOR_KILLS
                    && executors.size() == 2
                    && executors.get(random.nextInt(2)).destroyForcibly()) {
                  killed.incrementAndGet();
                }
              },
              random.nextInt(2_000),
              12_000,
              TimeUnit.MILLISECONDS);

      assertThat(views.firstDifference(seed + 2, BATCHES)).isEmpty();
      kills.cancel(false);
    } finally {
      killer.shutdownNow();
      FileUtils.deleteQuietly(WORK.toFile());
    }
    System.out.printf("killed executors: %d%n", killed.get());
    assertThat(killed.get()).isPositive();
  }

  /** Each second seed has its state in memory. */
  private static long seed(boolean isInMemory) {
    return 2 * System.nanoTime() + (isInMemory ? 1 : 0);
  }

  private static List<ProcessHandle> executors() {
    return ProcessHandle.current()
        .descendants()
        .filter(ProcessHandle::isAlive)
        .filter(process -> commandLine(process).contains("CoarseGrainedExecutorBackend"))
        .toList();
  }

  /** Java's own ProcessHandle gives up on long ones. */
  private static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
    } catch (IOException e) {
      // It has ended meanwhile.
      return "";
    }
  }

  /** Two executors, each a process of its own with one core. */
  private static SparkSession cluster() {
    SparkSession.Builder builder =
        SparkSession.builder()
            .master("local-cluster[2,1,1024]")
            .appName("killed executors")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.session.timeZone", "UTC")
            // Lost executors are the test's own doing.
            .config("spark.task.maxFailures", "20")
            .config("spark.stage.maxConsecutiveAttempts", "20")
            .config("spark.executor.memory", "1g")
            .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            // The rows to compare with are made of java.sql.Date, which is in the JVM's zone.
            .config(
                "spark.executor.extraJavaOptions",
                "-Duser.timezone=" + System.getProperty("user.timezone"))
            // Spark is on the class path, and not in a folder of its own.
            .config("spark.executorEnv.SPARK_TESTING", "1")
            .config("spark.executorEnv.SPARK_SCALA_VERSION", "2.12");
    LocalDiskSettings.settings().forEach(builder::config);
    return builder.getOrCreate();
  }
}
