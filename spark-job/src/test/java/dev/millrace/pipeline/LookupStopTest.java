package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Ctrl-C asks for while a run waits for a server that is away. */
class LookupStopTest {

  @TempDir Path folder;

  @Test
  void endsWhileALookupWaitsForCassandra() throws Exception {
    StringWriter seen = new StringWriter();
    PipelineRun run = new PipelineRun(pipeline(closedPort()), new PrintWriter(seen, true), 100);
    CompletableFuture<Void> ended =
        CompletableFuture.runAsync(
            () -> {
              try {
                run.run();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .until(() -> ended.isDone() || seen.toString().contains("does not answer"));
    assertThat(ended).as(seen.toString()).isNotDone();

    run.stop();

    ended.get(20, TimeUnit.SECONDS);
  }

  private PipelineDefinition pipeline(int port) throws Exception {
    Files.createDirectory(folder.resolve("in"));
    Path file =
        Files.writeString(
            folder.resolve("pipeline.yaml"),
            """
            name: waiting
            source: {files: {path: "%1$s/in", format: csv}}
            table: {columns: {id: {type: bigint}}}
            lookups:
              names:
                cassandra:
                  contact-points: localhost:%2$d
                  keyspace: k
                  table: t
                  retry-timeout: 10m
            outputs:
              all: {sink: console, sql: "SELECT rows.id, names.name FROM rows JOIN names ON rows.id = names.id"}
            dead-letters: {sink: console}
            checkpoints: %1$s/checkpoints
            """
                .formatted(folder, port));
    return new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
        .load(file.toString(), Overrides.none())
        .definition();
  }

  private static int closedPort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("localhost"))) {
      return socket.getLocalPort();
    }
  }
}
