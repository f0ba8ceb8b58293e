package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command that fails reports why, and its exit code is not 0. */
class LauncherIT {

  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  @TempDir Path folder;

  private Path home;

  @BeforeEach
  void makeProject() throws IOException {
    home = LauncherProcess.project(folder.resolve("project of 'Ada'"));
  }

  @Test
  void runsADemoToItsEndInAFolderWithBlanksAndQuotes() throws Exception {
    LauncherProcess demo = start("demo", "files", "--rows", "4", "--rate", "4");

    assertThat(demo.awaitExit(TIMEOUT)).as(demo.printed() + demo.complaints()).isZero();
    assertThat(demo.printed())
        .contains("The job has processed all of it")
        .doesNotContain("Postgres", "Kafka ready", "Cassandra")
        .endsWith("messages of Kafka, to Parquet by interval" + System.lineSeparator());
    assertThat(demo.complaints()).isEmpty();
    assertThat(LauncherProcess.processesOf(folder)).isEmpty();
  }

  @Test
  void failsWhereAServerOfADemoCannotStart() throws Exception {
    Files.delete(home.resolve("local-stack/kafka"));

    LauncherProcess demo = start("demo", "interval", "--rows", "10");

    assertThat(demo.awaitExit(TIMEOUT)).as(demo.printed()).isEqualTo(2);
    assertThat(demo.complaints())
        .isEqualTo(
            home
                + "/local-stack/kafka/target/class-path is missing. Build the project first: mvn -q"
                + " -DskipTests package\n");
    assertThat(demo.printed()).doesNotContain("Everything has stopped");
  }

  @Test
  void failsWhereTheFirstServerOfADemoFailsAndNamesThatOne() throws Exception {
    Files.delete(home.resolve("postgres-init"));

    LauncherProcess demo = start("demo", "--rows", "10");

    assertThat(demo.awaitExit(TIMEOUT)).as(demo.printed()).isNotZero();
    assertThat(demo.complaints()).contains("postgres-init").doesNotContain("Kafka died");
    assertThat(LauncherProcess.processesOf(folder)).isEmpty();
  }

  @Test
  void failsWhereTheJobOfADemoFails() throws Exception {
    LauncherProcess demo = start("demo", "files", "--rows", "4", "--sink", "nonsense");

    assertThat(demo.awaitExit(TIMEOUT)).isEqualTo(1);
    assertThat(demo.complaints())
        .contains("spark-job died with exit code 2", "nonsense")
        .doesNotContain("\tat ");
  }

  @Test
  void failsWhereTheJobOfADemoIsKilled() throws Exception {
    LauncherProcess demo = start("demo", "files");
    demo.awaitPrinted("read = ", TIMEOUT);

    kill("dev.millrace.cli.Millrace");

    assertThat(demo.awaitExit(TIMEOUT)).isEqualTo(1);
    assertThat(demo.complaints()).contains("spark-job died with exit code 137");
    assertThat(LauncherProcess.processesOf(folder)).isEmpty();
  }

  @Test
  void failsWhereTheSimulatorOfADemoIsKilled() throws Exception {
    LauncherProcess demo = start("demo", "files");
    demo.awaitPrinted("read = ", TIMEOUT);

    kill("simulate files");

    assertThat(demo.awaitExit(TIMEOUT)).isEqualTo(1);
    assertThat(demo.complaints()).contains("simulator died with exit code 137");
    assertThat(LauncherProcess.processesOf(folder)).isEmpty();
  }

  @Test
  void failsWhereAServerOfADemoIsKilled() throws Exception {
    LauncherProcess demo = start("demo", "interval");
    demo.awaitPrinted("read = ", TIMEOUT);

    kill("kafka.Kafka");

    // The job and the simulator would wait for Kafka for a minute or two.
    assertThat(demo.awaitExit(Duration.ofMinutes(1))).isEqualTo(1);
    assertThat(demo.complaints()).contains("Kafka died").doesNotContain("\tat ");
    assertThat(LauncherProcess.processesOf(folder)).isEmpty();
  }

  @Test
  void failsWhereTheFolderOfTheDemoCannotBeWritten() throws Exception {
    Files.createFile(home.resolve(".local-stack/demo"));

    LauncherProcess demo = start("demo", "files", "--rows", "1");

    assertThat(demo.awaitExit(TIMEOUT)).isEqualTo(1);
    assertThat(demo.complaints())
        .startsWith("Cannot write to " + home.resolve(".local-stack/demo") + ": ")
        .doesNotContain("\tat ");
  }

  @Test
  void refusesASecondDemoAndLeavesTheFirstAlone() throws Exception {
    LauncherProcess first = start("demo", "files");
    first.awaitPrinted("Files arrive", TIMEOUT);

    LauncherProcess second = start("demo", "files", "--rows", "1");

    assertThat(second.awaitExit(TIMEOUT)).isEqualTo(1);
    assertThat(second.complaints()).contains("is already running (process ");
    assertThat(first.process().isAlive()).isTrue();
    first.signal("INT");
    assertThat(first.awaitExit(TIMEOUT)).as(first.complaints()).isZero();
  }

  @Test
  void refusesNumbersThatADemoCannotUse() throws Exception {
    LauncherProcess rows = start("demo", "files", "--rows", "0");
    LauncherProcess rate = start("demo", "files", "--rate", "-1");

    assertThat(rows.awaitExit(TIMEOUT)).isEqualTo(2);
    assertThat(rows.complaints()).startsWith("--rows: '0' is not possible. Use a number from 1.");
    assertThat(rate.awaitExit(TIMEOUT)).isEqualTo(2);
    assertThat(rate.complaints()).startsWith("--rate: '-1' is not possible. Use a number from 1.");
  }

  @Test
  void failsWhereNobodyReadsWhatADemoPrints() throws Exception {
    LauncherProcess demo =
        shell(
            "'%s' demo files --sink console | head -n 1; exit ${PIPESTATUS[0]}"
                .formatted(millrace()));

    assertThat(demo.awaitExit(TIMEOUT)).isNotZero();
    assertThat(LauncherProcess.processesOf(folder)).isEmpty();
  }

  @Test
  void failsWhereTheDiskOfStandardOutputIsFull() throws Exception {
    LauncherProcess validate =
        shell(
            "'%s' validate '%s' > /dev/full"
                .formatted(millrace(), LauncherProcess.HOME.resolve("pipelines/files.yaml")));
    LauncherProcess status = shell("'%s' stack down > /dev/full".formatted(millrace()));
    LauncherProcess simulate =
        shell("'%s' simulate files --to made --files 1 > /dev/full".formatted(millrace()));

    assertThat(validate.awaitExit(TIMEOUT)).isEqualTo(1);
    assertThat(validate.complaints()).contains("error: standard output can't be written");
    assertThat(status.awaitExit(TIMEOUT)).isEqualTo(1);
    assertThat(status.complaints()).startsWith("Standard output cannot be written");
    assertThat(simulate.awaitExit(TIMEOUT)).isEqualTo(1);
    assertThat(simulate.complaints()).contains("error: standard output cannot be written");
  }

  @Test
  void saysThatTheStateOfTheStackCannotBeRead() throws Exception {
    Files.createDirectories(home.resolve(".local-stack/stack"));
    Files.writeString(home.resolve(".local-stack/stack/stack.json"), "{");

    for (List<String> command :
        List.of(List.of("simulate", "users"), List.of("stack", "up"), List.of("kafka", "topics"))) {
      LauncherProcess ended = start(command.toArray(String[]::new));

      assertThat(ended.awaitExit(TIMEOUT)).as(command.toString()).isEqualTo(2);
      assertThat(ended.complaints())
          .startsWith("Cannot read " + home.resolve(".local-stack/stack/stack.json") + ": ")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void saysWhichServerAStackDoesNotHave() throws Exception {
    LauncherProcess demo = start("demo", "files");
    demo.awaitPrinted("Files arrive", TIMEOUT);

    LauncherProcess sql = start("sql", "SELECT 1");
    LauncherProcess kafka = start("kafka", "topics", "--list");

    assertThat(sql.awaitExit(TIMEOUT)).isEqualTo(1);
    assertThat(sql.complaints())
        .isEqualTo(
            "The stack of "
                + home.resolve(".local-stack/demo")
                + " has no Postgres. Start one that has: ./millrace stack up\n");
    assertThat(kafka.awaitExit(TIMEOUT)).isEqualTo(1);
    assertThat(kafka.complaints())
        .contains("has no Kafka. Start one that has: ./millrace stack up");
    demo.signal("TERM");
    assertThat(demo.awaitExit(TIMEOUT)).isZero();
  }

  @Test
  void saysThatAPortIsInUse() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());

      LauncherProcess up = start("stack", "up", "--free-ports", "--kafka-port", port);

      assertThat(up.awaitExit(TIMEOUT)).isEqualTo(1);
      assertThat(up.complaints())
          .startsWith("Port " + port + ", which Kafka needs, is in use by process ");
      assertThat(LauncherProcess.processesOf(folder)).isEmpty();
    }
  }

  @Test
  void saysThatThereIsNoJava17() throws Exception {
    LauncherProcess demo =
        LauncherProcess.start(home, folder, Map.of("JAVA_HOME", "/nowhere"), "demo");
    assertThat(demo.awaitExit(TIMEOUT)).isEqualTo(2);
    assertThat(demo.complaints()).startsWith("Java is missing.");
  }

  @Test
  void saysThatTheBuildFailed() throws Exception {
    Files.delete(home.resolve("pom.xml"));
    Files.writeString(home.resolve("pom.xml"), "<project>");

    LauncherProcess run =
        LauncherProcess.start(home, folder, Map.of("MILLRACE_BUILD", ""), "run", "x.yaml");

    assertThat(run.awaitExit(TIMEOUT)).isEqualTo(2);
    assertThat(run.complaints()).contains("The build failed. Log: " + home);
  }

  private LauncherProcess start(String... arguments) {
    return LauncherProcess.start(home, folder, Map.of(), arguments);
  }

  private LauncherProcess shell(String command) {
    return LauncherProcess.start(folder, Map.of(), List.of("bash", "-c", command));
  }

  private String millrace() {
    return home.resolve("millrace").toString().replace("'", "'\\''");
  }

  /** Kills the one JVM below this test's folder that runs this. */
  private void kill(String command) {
    List<String> found =
        LauncherProcess.processesOf(folder).stream()
            .filter(line -> line.contains(command) && line.matches(".*[ /]java -.*"))
            .filter(line -> !line.contains("setpriv "))
            .toList();
    assertThat(found).hasSize(1);
    long pid = Long.parseLong(found.get(0).substring(0, found.get(0).indexOf(' ')));
    assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
  }
}
