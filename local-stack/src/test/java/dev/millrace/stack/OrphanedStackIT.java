package dev.millrace.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.ProcessIdentity;
import dev.millrace.stack.server.Folders;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is left of a stack whose launcher was killed. */
class OrphanedStackIT {

  private static final String TOPIC = "business_postgres.public.business_ncr_ride_bookings";

  private final Path dataFolder = Path.of("target/orphaned-stack-it").toAbsolutePath();
  private final LocalStackOptions options = LocalStackOptions.in(dataFolder);

  @Test
  void endsOrphansAndGoesOnWithTheirData() throws Exception {
    removeEarlierRun();
    Process launcher = startLauncher();
    Map<Component, ProcessIdentity> orphans = StackState.load(dataFolder).orElseThrow().processes();
    launcher.destroyForcibly().waitFor();
    assertThat(orphans.values()).hasSize(3).allMatch(ProcessIdentity::isAlive);

    try (LocalStack stack = LocalStack.start(options)) {
      assertThat(orphans.values()).noneMatch(ProcessIdentity::isAlive);

      stack.execute("INSERT INTO business_ncr_ride_bookings (id) VALUES (2)");
      await()
          .atMost(Duration.ofMinutes(3))
          .untilAsserted(
              () ->
                  assertThat(stack.committedRecords(TOPIC))
                      .extracting(record -> record.key())
                      .containsExactlyInAnyOrder("{\"id\":1}", "{\"id\":2}"));
    }
    assertThat(StackState.load(dataFolder)).isEmpty();
  }

  private void removeEarlierRun() throws IOException {
    LocalStack.start(options).close();
    Folders.delete(dataFolder);
  }

  private Process startLauncher() throws IOException {
    Process launcher =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dmillrace.home=" + options.home(),
                "-cp",
                System.getProperty("java.class.path"),
                StackLauncher.class.getName(),
                dataFolder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output =
        new BufferedReader(
            new InputStreamReader(launcher.getInputStream(), StandardCharsets.UTF_8));
    assertThat(output.readLine()).isEqualTo("ready");
    return launcher;
  }
}
