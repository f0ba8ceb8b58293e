package dev.millrace.simulator.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulatorTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void reportsEveryInvalidValueInOneRun() {
    int exitCode =
        simulate(
            "--rate=-1", "--rows=-5", "--jdbc-url=jdbc:mysql://db/x?user=a&password=hush&ssl=true");

    assertThat(exitCode).isEqualTo(2);
    assertThat(err.toString().lines())
        .containsExactly(
            "error: --rate: invalid value '-1.0'. Give the changes per second, or 0 for as fast as"
                + " possible.",
            "error: --rows: invalid value '-5'. Give the number of rides, or 0 to play until"
                + " Ctrl-C.",
            "error: --jdbc-url: invalid value 'jdbc:mysql://db/x?user=a&password=***&ssl=true'."
                + " Expected jdbc:postgresql://HOST:PORT/DATABASE.");
  }

  @Test
  void saysHowToMendARefusedConnection() throws IOException {
    int port = closedPort();
    String url = "jdbc:postgresql://127.0.0.1:" + port + "/business_db";

    int exitCode = simulate("--jdbc-url", url);

    assertThat(exitCode).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly(
            "error: Cannot reach Postgres at %s: Connection to 127.0.0.1:%d refused. Start it"
                    .formatted(url, port)
                + " (./millrace stack up), or say where it is with --jdbc-url or POSTGRES_HOST and"
                + " POSTGRES_PORT.");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void namesTheHostThatIsUnknown() {
    assertThat(simulate("--jdbc-url", "jdbc:postgresql://no-such-host.invalid/x")).isEqualTo(1);
    assertThat(err.toString())
        .startsWith(
            "error: Cannot reach Postgres at jdbc:postgresql://no-such-host.invalid/x: unknown"
                + " host no-such-host.invalid. Start it");
  }

  @Test
  void showsTheStackTraceOnlyOnDemand() throws IOException {
    simulate("--debug", "--jdbc-url", "jdbc:postgresql://127.0.0.1:" + closedPort() + "/x");

    assertThat(err.toString()).contains("Caused by: java.net.ConnectException");
  }

  @Test
  void refusesUnknownFlags() {
    assertThat(simulate("--rowz", "5")).isEqualTo(2);
    assertThat(err.toString()).contains("Unknown option").contains("--rows");
  }

  @Test
  void explainsItself() {
    assertThat(simulate("--help")).isZero();
    assertThat(out.toString())
        .startsWith("Usage: simulate")
        .contains("--rate", "--rows", "--seed", "--jdbc-url", "--user", "--quiet", "--debug")
        .contains("POSTGRES_PASSWORD")
        .contains("Exit codes");
  }

  @Test
  void reportsEveryInvalidValueOfUsersInOneRun() {
    assertThat(simulate("--seed=2", "users", "--rate=-1", "--rows=-5", "--malformed=2"))
        .isEqualTo(2);

    assertThat(err.toString().lines())
        .containsExactly(
            "error: --seed: stands before 'users', where it is for rides. Write: simulate users"
                + " --seed ...",
            "error: --rate: invalid value '-1.0'. Give the users per second, or 0 for as fast as"
                + " possible.",
            "error: --rows: invalid value '-5'. Give the number of users, or 0 to continue until"
                + " Ctrl-C.",
            "error: --malformed: invalid value '2.0'. Give a share from 0 to 1: 0.01 is one in a"
                + " hundred.");
  }

  @Test
  void saysWhatFilesNeed() {
    assertThat(simulate("files", "--of=cats")).isEqualTo(2);
    assertThat(err.toString().lines())
        .containsExactly(
            "error: --to: missing. Name the folder that the files go to: --to FOLDER.",
            "error: --of: unknown value 'cats'. Use one of rides, users.");
  }

  @Test
  void writesFilesAndSumsUp(@TempDir Path folder) {
    String[] arguments = {"files", "--to", folder.toString(), "--files=3", "--rate=0"};
    assertThat(simulate(arguments)).isZero();

    assertThat(out.toString()).startsWith("3 files to " + folder + " in ");
    assertThat(folder.resolve("rides-1-00003.csv")).exists();
  }

  @Test
  void saysHowToMendAKafkaThatIsNotThere() {
    assertThat(simulate("users", "--bootstrap-servers", "no-such-host.invalid:9092")).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly(
            "error: Cannot reach Kafka at no-such-host.invalid:9092: No resolvable bootstrap urls"
                + " given in bootstrap.servers. Start it (./millrace stack up), or say where it is"
                + " with --bootstrap-servers or KAFKA_BOOTSTRAP_SERVERS.");
  }

  @Test
  void readsTheSongsBeforeItLooksForKafka() {
    assertThat(simulate("songs", "--songs", "none.csv", "--bootstrap-servers", "none.invalid:1"))
        .isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo(
            "error: --songs: cannot read none.csv: the file does not exist. Name a CSV file in UTF-8"
                + " that you can read."
                + System.lineSeparator());
  }

  @Test
  void namesTheOtherCommands() {
    assertThat(simulate("--help")).isZero();
    assertThat(out.toString()).contains("[users | songs | files]", "--csv");
    assertThat(simulate("songs", "--help")).isZero();
    assertThat(out.toString()).contains("compression.type=gzip", "pipelines/data/songs.csv");
  }

  private int simulate(String... arguments) {
    return Simulator.commandLine(Map.of())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
