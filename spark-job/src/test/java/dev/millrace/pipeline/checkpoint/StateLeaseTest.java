package dev.millrace.pipeline.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.error.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One run keeps the state of a table, and others are told which. */
public class StateLeaseTest {

  private static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

  /** No process has it. */
  private static final long ENDED_PROCESS = 99_999_999L;

  @TempDir Path folder;

  @Test
  void tellsASecondRunWhoHasItUntilItIsGivenUp() throws Exception {
    StateLease first = lease();
    first.take();

    assertThatThrownBy(() -> lease().take())
        .isInstanceOf(UserException.class)
        .hasMessageContaining(
            "the state is held by process " + ProcessHandle.current().pid() + " on ")
        .hasMessageContaining("which renewed its lease at 2026-11-29T12:00:00Z");
    assertThatCode(first::require).doesNotThrowAnyException();

    first.close();
    assertThat(file()).doesNotExist();
    StateLease second = lease();
    second.take();
    second.close();
  }

  @Test
  void isTakenFromAProcessThatHasEnded() throws Exception {
    StateLease before = lease();
    before.take();
    String held = Files.readString(file());
    before.close();
    String host = held.split("\t", -1)[1];
    Files.writeString(
        file(),
        String.join("\t", "other", host, Long.toString(ENDED_PROCESS), "0", NOW.toString()));
    StateLease after = lease();

    after.take();

    assertThatCode(after::require).doesNotThrowAnyException();
    after.close();
  }

  @Test
  void isTakenFromAProcessWhoseNumberWasGivenAgain() throws Exception {
    StateLease before = lease();
    before.take();
    String[] held = Files.readString(file()).split("\t", -1);
    before.close();
    held[0] = "other";
    held[3] = "1";
    Files.writeString(file(), String.join("\t", held));
    StateLease after = lease();

    after.take();

    after.close();
  }

  @Test
  void isTakenFromAnotherHostOnceItHasNotBeenRenewedForThirtySeconds() throws Exception {
    Files.createDirectories(file().getParent());
    Files.writeString(
        file(), String.join("\t", "other", "elsewhere", "1", "0", NOW.minusSeconds(31).toString()));
    StateLease lease = lease();

    lease.take();

    assertThat(Files.readString(file())).doesNotContain("elsewhere");
    lease.close();
  }

  @Test
  void endsTheRunThatHasLostIt() throws Exception {
    StateLease lost = lease();
    lost.take();
    Files.writeString(file(), String.join("\t", "other", "elsewhere", "7", "0", NOW.toString()));

    assertThatThrownBy(lost::require)
        .isInstanceOf(UserException.class)
        .hasMessageContaining(
            "this run no longer keeps the state: process 7 on elsewhere has taken it");
    lost.close();
    assertThat(file()).exists();
  }

  @Test
  void isHeldWhileItIsRenewed() throws Exception {
    StateLease lease = lease();
    lease.take();
    CompletableFuture<Void> renewals =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 100; i++) {
                lease.renew();
              }
            });

    while (!renewals.isDone()) {
      assertThatCode(lease::require).doesNotThrowAnyException();
    }

    renewals.get();
    lease.close();
  }

  private Path file() {
    return folder.resolve("table.t/lease");
  }

  private StateLease lease() throws IOException {
    Files.createDirectories(file().getParent());
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(file().toUri());
    return new StateLease(
        FileContext.getFileContext(path.toUri(), new Configuration()),
        path,
        InstantSource.fixed(NOW));
  }
}
