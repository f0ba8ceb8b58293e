package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.error.CassandraErrors;
import dev.millrace.error.UserException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class StopRequestTest {

  private final StopRequest stop = new StopRequest();

  @Test
  void breaksOffAWaitAndLeavesNoInterruptionBehind() throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    CompletableFuture<Void> unused = CompletableFuture.runAsync(stop::make);

    assertThat(
            stop.unlessMade(
                () -> {
                  never.await();
                  return "answer";
                }))
        .isEmpty();
    assertThat(stop.isMade()).isTrue();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(unused).isNotNull();
  }

  @Test
  void takesAFailureOfTheInterruptionForItsEnd() throws InterruptedException {
    assertThat(
            stop.unlessMade(
                () -> {
                  stop.make();
                  throw CassandraErrors.interrupted("here:9042", null);
                }))
        .isEmpty();
  }

  @Test
  void givesWhatWasWaitedForWhereNobodyAskedToStop() throws InterruptedException {
    assertThat(stop.unlessMade(() -> "answer")).contains("answer");
    assertThatThrownBy(
            () ->
                stop.unlessMade(
                    () -> {
                      throw CassandraErrors.interrupted("here:9042", null);
                    }))
        .isInstanceOf(UserException.class);
  }
}
