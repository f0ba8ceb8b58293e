package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.StackExtension;
import dev.millrace.stack.LocalStack;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ctrl-C and SIGTERM end runs and demos with exit code 0, at any moment. */
@ExtendWith(StackExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SignalsIT {

  private static final String TOPIC = "signals-input";
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  @TempDir Path folder;

  private String servers;
  private Path home;

  @BeforeAll
  void produce(LocalStack stack) throws Exception {
    servers = stack.bootstrapServers();
    stack.createTopic(TOPIC, 1);
    new RidesCommand(servers)
        .produce(TOPIC, List.of("{\"id\":4711,\"__op\":\"c\"}".getBytes(StandardCharsets.UTF_8)));
  }

  @BeforeEach
  void makeProject() throws Exception {
    home = LauncherProcess.project(folder.resolve("project"));
  }

  @ParameterizedTest
  @CsvSource({
    "INT,20",
    "TERM,50",
    "INT,100",
    "TERM,200",
    "INT,350",
    "TERM,500",
    "INT,750",
    "TERM,1000",
    "INT,1400",
    "TERM,1800",
    "INT,2300",
    "TERM,3000",
    "INT,4000"
  })
  void endARunWithZeroWhileItStarts(String signal, long milliseconds) throws Exception {
    LauncherProcess run = startRun();

    boolean hasEnded = run.process().waitFor(milliseconds, TimeUnit.MILLISECONDS);
    assertThat(hasEnded).as(run.complaints()).isFalse();
    run.signal(signal);

    assertThat(run.awaitExit(TIMEOUT)).as(run.complaints()).isZero();
    assertThat(run.complaints()).doesNotContain("error:", "Exception");
    assertThat(LauncherProcess.processesOf(folder)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"INT", "TERM"})
  void endARunWithZeroAfterTheFirstBatch(String signal) throws Exception {
    LauncherProcess run = startRun();
    run.awaitPrinted("4711", TIMEOUT);

    run.signal(signal);

    assertThat(run.awaitExit(TIMEOUT)).as(run.complaints()).isZero();
    assertThat(LauncherProcess.processesOf(folder)).isEmpty();
  }

  /** A terminal and {@code timeout} signal a process group, systemd a control group. */
  @ParameterizedTest
  @CsvSource({"INT", "TERM"})
  void endARunWithZeroWhereTheyReachAllItsProcesses(String signal) throws Exception {
    LauncherProcess run = startRun();
    run.awaitPrinted("4711", TIMEOUT);

    run.signalGroup(signal);

    assertThat(run.awaitExit(TIMEOUT)).as(run.complaints()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "INT,50",
    "TERM,300",
    "INT,600",
    "TERM,1000",
    "INT,1500",
    "TERM,2500",
    "INT,4000",
    "TERM,7000"
  })
  void endADemoWithZeroAndLeaveNoServer(String signal, long milliseconds) throws Exception {
    LauncherProcess demo = LauncherProcess.start(home, folder, Map.of(), "demo").begun();

    boolean hasEnded = demo.process().waitFor(milliseconds, TimeUnit.MILLISECONDS);
    assertThat(hasEnded).as(demo.complaints()).isFalse();
    demo.signal(signal);

    assertThat(demo.awaitExit(TIMEOUT)).as(demo.printed() + demo.complaints()).isZero();
    assertThat(demo.complaints()).isEmpty();
    assertThat(LauncherProcess.processesOf(folder)).isEmpty();
  }

  @Test
  void endADemoWithZeroAfterTheFirstBatch() throws Exception {
    LauncherProcess demo = LauncherProcess.start(home, folder, Map.of(), "demo").begun();
    demo.awaitPrinted("mirror, batch 0:", TIMEOUT);

    demo.signalGroup("INT");

    assertThat(demo.awaitExit(TIMEOUT)).as(demo.printed() + demo.complaints()).isZero();
    assertThat(demo.printed()).contains("Everything has stopped.");
    assertThat(LauncherProcess.processesOf(folder)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"INT,100", "TERM,800"})
  void endASimulationWithZero(String signal, long milliseconds) throws Exception {
    LauncherProcess simulation =
        LauncherProcess.start(
                home,
                folder,
                Map.of(),
                "simulate",
                "files",
                "--to",
                folder.resolve("made").toString(),
                "--rate",
                "5")
            .begun();

    boolean hasEnded = simulation.process().waitFor(milliseconds, TimeUnit.MILLISECONDS);
    assertThat(hasEnded).as(simulation.complaints()).isFalse();
    simulation.signal(signal);

    assertThat(simulation.awaitExit(TIMEOUT)).as(simulation.complaints()).isZero();
  }

  /** A launcher that is killed cannot pass anything on. */
  @Test
  void endADemoWhoseLauncherIsKilled() throws Exception {
    LauncherProcess demo = LauncherProcess.start(home, folder, Map.of(), "demo", "files");
    demo.awaitPrinted("Files arrive", TIMEOUT);

    demo.signal("KILL");

    await().atMost(TIMEOUT).until(() -> LauncherProcess.processesOf(folder).isEmpty());
  }

  private LauncherProcess startRun() {
    return LauncherProcess.start(
            home,
            folder,
            Map.of(
                "KAFKA_BOOTSTRAP_SERVERS",
                servers,
                "KAFKA_TOPIC",
                TOPIC,
                "OUTPUT_DIR",
                folder.resolve("output").toString(),
                "CHECKPOINT_DIR",
                folder.resolve("checkpoints").toString()),
            "run",
            home.resolve("pipelines/ride-bookings.yaml").toString())
        .begun();
  }
}
