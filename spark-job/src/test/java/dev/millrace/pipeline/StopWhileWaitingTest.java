package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.PipelineLoader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Ctrl-C asks for while a run waits for a server that is away. */
class StopWhileWaitingTest {

  @TempDir Path folder;

  @Test
  void endsWhileALookupWaitsForCassandra() throws Exception {
    StringWriter seen = new StringWriter();
    PipelineRun run =
        run(
            """
            lookups:
              names:
                cassandra:
                  contact-points: localhost:%d
                  keyspace: k
                  table: t
                  retry-timeout: 10m
            outputs:
              all: {sink: console, sql: "SELECT rows.id, names.name FROM rows JOIN names ON rows.id = names.id"}
            """
                .formatted(closedPort()),
            seen);

    assertThatItEnds(run, seen, () -> seen.toString().contains("does not answer"));
  }

  /** A server that has connections and never answers, such as one that is stopped (SIGSTOP). */
  @Test
  void endsWhileASinkWaitsForPostgres() throws Exception {
    StringWriter seen = new StringWriter();
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getByName("localhost"))) {
      silent.setSoTimeout(100);
      PipelineRun run =
          run(
              """
              outputs:
                all: {sink: postgres, key: [id]}
              sinks:
                postgres:
                  url: jdbc:postgresql://localhost:%d/none
                  user: nobody
                  table: public.t
                  retry-timeout: 10m
              """
                  .formatted(silent.getLocalPort()),
              seen);
      List<Socket> connected = new ArrayList<>();

      assertThatItEnds(
          run,
          seen,
          () -> {
            try {
              connected.add(silent.accept());
            } catch (SocketTimeoutException e) {
              assertThat(connected).isEmpty();
            }
            return !connected.isEmpty();
          });
    }
  }

  private static void assertThatItEnds(
      PipelineRun run, StringWriter seen, Callable<Boolean> isWaiting) throws Exception {
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
        .until(() -> ended.isDone() || isWaiting.call());
    assertThat(ended).as(seen.toString()).isNotDone();

    run.stop();

    ended.get(20, TimeUnit.SECONDS);
  }

  private PipelineRun run(String outputs, StringWriter seen) throws Exception {
    Files.createDirectory(folder.resolve("in"));
    Path file =
        Files.writeString(
            folder.resolve("pipeline.yaml"),
            """
            name: waiting
            source: {files: {path: "%1$s/in", format: csv}}
            table: {key: [id], columns: {id: {type: bigint}}}
            dead-letters: {sink: console}
            checkpoints: %1$s/checkpoints
            """
                    .formatted(folder)
                + outputs);
    return new PipelineRun(
        new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
            .load(file.toString(), Overrides.none())
            .definition(),
        new PrintWriter(seen, true),
        100);
  }

  private static int closedPort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("localhost"))) {
      return socket.getLocalPort();
    }
  }
}
