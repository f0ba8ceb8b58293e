package dev.millrace.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.stack.error.StackException;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.ProcessIdentity;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StackProcessesTest {

  @TempDir Path folder;

  @Test
  void doesNotCountAComponentWhosePortIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("localhost"))) {
      StackProcesses processes =
          new StackProcesses(
              LocalStackOptions.in(folder),
              StackState.begun(
                  ProcessIdentity.current(),
                  new Ports(5432, 9092, 8083, 0, taken.getLocalPort(), 0),
                  "secret"));

      for (int attempt = 0; attempt < 2; attempt++) {
        assertThatThrownBy(() -> processes.add(Component.CASSANDRA))
            .isInstanceOf(StackException.class)
            .hasMessageContaining("Port %d, which Cassandra needs".formatted(taken.getLocalPort()));
      }
      assertThat(processes.components()).doesNotContain(Component.CASSANDRA);
    }
  }
}
