package dev.millrace.stack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StackStateTest {

  private static final ProcessIdentity ALIVE = ProcessIdentity.current();
  private static final ProcessIdentity DEAD =
      new ProcessIdentity(ALIVE.pid(), ALIVE.startTicks() - 1, ALIVE.bootId());

  @TempDir Path folder;

  @Test
  void comesBackAsItWasSaved() {
    StackState state =
        begunBy(ALIVE).with(Component.KAFKA, DEAD).withCompanion("spark-job", ALIVE).completed();

    state.save(folder);

    assertThat(StackState.load(folder)).contains(state);
  }

  @Test
  void isReadableByItsOwnerAloneAsItHoldsAPassword() throws IOException {
    begunBy(ALIVE).save(folder);

    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("stack.json"))))
        .isEqualTo("rw-------");
  }

  @Test
  void isEmptyWhereNothingWasStarted() {
    assertThat(StackState.load(folder)).isEmpty();
  }

  @Test
  void runsAsLongAsTheLauncherThatItBelongsTo() {
    assertThat(begunBy(ALIVE).isRunning()).isTrue();
    assertThat(begunBy(DEAD).with(Component.KAFKA, ALIVE).completed().isRunning()).isFalse();
  }

  @Test
  void runsAsLongAsAllItsProcessesWhereItOutlivedItsLauncher() {
    StackState outlived =
        begunBy(DEAD).with(Component.KAFKA, ALIVE).completed().outlivingItsLauncher();
    StackState maimed = outlived.with(Component.CONNECT, DEAD);

    assertThat(outlived.isRunning()).isTrue();
    assertThat(maimed.isRunning()).isFalse();
    assertThat(maimed.isStanding()).isTrue();
  }

  @Test
  void doesNotStandWhereItsLauncherWasKilledWhileItCameUp() {
    assertThat(begunBy(DEAD).with(Component.KAFKA, ALIVE).isStanding()).isFalse();
  }

  private static StackState begunBy(ProcessIdentity launcher) {
    return StackState.begun(launcher, Ports.standard(), "secret");
  }
}
