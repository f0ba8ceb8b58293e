package dev.millrace.sink.iceberg;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.util.LockManagers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalLocksTest {

  private static final String HELD = "held";

  @TempDir Path folder;

  @Test
  void oneOfAProcessWaitsForAnother() throws Exception {
    String metadata = folder.resolve("v2.metadata.json").toString();
    try (LocalLocks first = new LocalLocks();
        LocalLocks second = new LocalLocks()) {
      assertThat(first.acquire(metadata, "first")).isTrue();
      CompletableFuture<Boolean> waiting =
          CompletableFuture.supplyAsync(() -> second.acquire("file:" + metadata, "second"));
      assertThat(waiting).isNotDone();
      assertThat(first.release(metadata, "other")).isFalse();
      assertThat(first.release(metadata, "first")).isTrue();
      assertThat(waiting.get(20, TimeUnit.SECONDS)).isTrue();
      assertThat(second.release("file:" + metadata, "second")).isTrue();
    }
  }

  /** One that is killed lets go of it, and not before. */
  @Test
  void aProcessWaitsForAnother() throws Exception {
    String metadata = folder.resolve("v2.metadata.json").toString();
    Process other =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                metadata)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (LocalLocks locks = new LocalLocks();
        BufferedReader said =
            new BufferedReader(
                new InputStreamReader(other.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(said.readLine()).isEqualTo(HELD);
      CompletableFuture<Boolean> waiting =
          CompletableFuture.supplyAsync(() -> locks.acquire(metadata, "own"));
      assertThat(waiting).isNotDone();
      assertThat(other.isAlive()).isTrue();
      other.destroyForcibly();
      assertThat(waiting.get(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      other.destroyForcibly().waitFor();
    }
  }

  @Test
  void icebergMakesThemByTheirName() throws Exception {
    try (LocalLocks locks =
        (LocalLocks) LockManagers.from(Map.of("lock-impl", LocalLocks.class.getName()))) {
      String metadata = folder.resolve("v1.metadata.json").toString();
      assertThat(locks.acquire(metadata, "own")).isTrue();
      assertThat(locks.release(metadata, "own")).isTrue();
    }
  }

  /** Holds the lock until its process ends. */
  static final class Holder {

    private Holder() {}

    public static void main(String[] arguments) throws IOException {
      LocalLocks locks = new LocalLocks();
      System.out.println(locks.acquire(arguments[0], "other") ? HELD : "not held");
      System.in.read();
    }
  }
}
