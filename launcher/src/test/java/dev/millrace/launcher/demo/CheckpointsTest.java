package dev.millrace.launcher.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {

  private static final int LOOKS = 4_000;

  @TempDir Path folder;

  @Test
  void looksAtQueriesWhileSparkReplacesTheirFiles() throws Exception {
    Path query = folder.resolve("rides/bookings/console");
    List<Path> stores =
        List.of(query.resolve("state/0/0"), query.resolve("state/0/1"), query.resolve("commits"));
    Files.createDirectories(query.resolve("commits"));
    Files.writeString(query.resolve("commits/0"), "v1\n{}");
    AtomicBoolean isEnding = new AtomicBoolean();
    CompletableFuture<Void> replacing =
        CompletableFuture.runAsync(
            () -> {
              while (!isEnding.get()) {
                stores.forEach(CheckpointsTest::replace);
              }
            });

    int seen = 0;
    for (int look = 0; look < LOOKS; look++) {
      if (new Checkpoints(folder).isTrueOfAll(each -> each.folder().equals(query))) {
        seen++;
      }
    }
    isEnding.set(true);
    replacing.join();

    assertThat(seen).isEqualTo(LOOKS);
  }

  /** What Spark does with each version: a file of another name, renamed; state folders go, too. */
  private static void replace(Path store) {
    try {
      Files.createDirectories(store);
      Path other = Files.writeString(store.resolve(".1.delta.tmp"), "x");
      Files.move(other, store.resolve("1.delta"), StandardCopyOption.ATOMIC_MOVE);
      Files.delete(store.resolve("1.delta"));
      if (!store.endsWith("commits")) {
        Files.delete(store);
        Files.delete(store.getParent());
      }
    } catch (IOException e) {
      // The other store is still in the parent folder; the next round removes it.
      assertThat(e).isInstanceOf(java.nio.file.DirectoryNotEmptyException.class);
    }
  }
}
