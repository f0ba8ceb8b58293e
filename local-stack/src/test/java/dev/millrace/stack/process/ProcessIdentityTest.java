package dev.millrace.stack.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProcessIdentityTest {

  private Process sleeper;

  @BeforeEach
  void startSleeper() throws IOException {
    sleeper = new ProcessBuilder("sleep", "60").start();
  }

  @AfterEach
  void endSleeper() {
    sleeper.destroyForcibly();
  }

  @Test
  void knowsRunningProcess() {
    ProcessIdentity identity = ProcessIdentity.of(sleeper.pid()).orElseThrow();

    assertThat(identity.isAlive()).isTrue();
    assertThat(identity.handle()).contains(sleeper.toHandle());
  }

  @Test
  void noticesThatProcessEnded() throws InterruptedException {
    ProcessIdentity identity = ProcessIdentity.of(sleeper.pid()).orElseThrow();

    sleeper.destroyForcibly().waitFor();

    assertThat(identity.isAlive()).isFalse();
    assertThat(ProcessIdentity.of(sleeper.pid())).isEqualTo(Optional.empty());
  }

  @Test
  void leavesProcessAloneThatHasThePidButStartedAtAnotherTime() {
    ProcessIdentity current = ProcessIdentity.of(sleeper.pid()).orElseThrow();
    ProcessIdentity former =
        new ProcessIdentity(current.pid(), current.startTicks() - 1, current.bootId());

    StackProcess.found("Kafka", former, Path.of("kafka.log")).kill();

    assertThat(former.isAlive()).isFalse();
    assertThat(current.isAlive()).isTrue();
  }

  @Test
  void leavesProcessAloneThatRanBeforeAnotherBoot() {
    ProcessIdentity current = ProcessIdentity.of(sleeper.pid()).orElseThrow();
    ProcessIdentity former = new ProcessIdentity(current.pid(), current.startTicks(), "other-boot");

    StackProcess.found("Kafka", former, Path.of("kafka.log")).kill();

    assertThat(current.isAlive()).isTrue();
  }
}
