package dev.millrace.stack.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stack.error.StackException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresServerTest {

  @TempDir Path cluster;

  @Test
  void keepsTheLockOfAServerThatRuns() throws Exception {
    Process server = process("postgres", "-D", cluster.toString());
    try {
      Path lock = lockOf(server.pid());

      assertThatThrownBy(() -> PostgresServer.removeLockOfEndedServer(cluster))
          .isInstanceOf(StackException.class)
          .hasMessage(
              "%s: the Postgres server with the process id %d runs on this folder. End it (kill"
                      .formatted(cluster, server.pid())
                  + " -INT %d), or use another folder with --data.".formatted(server.pid()));
      assertThat(lock).exists();
    } finally {
      server.destroyForcibly().waitFor();
    }
  }

  @Test
  void removesTheLockOfAServerWhosePidAnotherProcessHas() throws Exception {
    Process other = process("postgres", "-D", cluster.resolveSibling("another").toString());
    try {
      Path lock = lockOf(other.pid());

      PostgresServer.removeLockOfEndedServer(cluster);

      assertThat(lock).doesNotExist();
    } finally {
      other.destroyForcibly().waitFor();
    }
  }

  @Test
  void removesTheLockOfAServerThatHasEnded() throws Exception {
    Process server = process("postgres", "-D", cluster.toString());
    server.destroyForcibly().waitFor();
    Path lock = lockOf(server.pid());

    PostgresServer.removeLockOfEndedServer(cluster);

    assertThat(lock).doesNotExist();
  }

  /** A process with these arguments that waits for its standard input. */
  private static Process process(String... arguments) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", "read line");
    builder.command().addAll(java.util.List.of(arguments));
    return builder.start();
  }

  private Path lockOf(long pid) throws IOException {
    return Files.writeString(cluster.resolve("postmaster.pid"), "%d%n%s%n".formatted(pid, cluster));
  }
}
