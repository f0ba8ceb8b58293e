package dev.millrace.state;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.error.UserException;
import dev.millrace.pipeline.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What only a store in memory does. */
class MemoryStoreTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final int ROWS = 20_000;

  @TempDir Path folder;

  private StateStores stores;

  @BeforeEach
  void open() {
    stores = stores(folder, 64);
  }

  @AfterEach
  void close() {
    stores.close();
    assertThat(OpenStores.MEMORY.bytes()).as("bytes that no store has").isZero();
  }

  private static StateStores stores(Path root, int megabytes) {
    return StateStores.inMemory(
        root.toUri().toString(), SPARK.session(), megabytes, StoreKind::isOrdered);
  }

  private static byte[] key(String prefix, int number) {
    return (prefix + number).getBytes(UTF_8);
  }

  /** A value of 100 bytes that tells which version wrote it. */
  private static byte[] value(long version, int number) {
    return Arrays.copyOf((version + ":" + number).getBytes(UTF_8), 100);
  }

  private void commit(long version, String prefix, int rows) {
    StateStore store = stores.open("s", 0, version);
    for (int i = 0; i < rows; i++) {
      store.put(key(prefix, i), value(version, i));
    }
    store.commit();
  }

  private int count(long version) {
    StateStore store = stores.open("s", 0, version);
    int[] found = {0};
    store.scan(new byte[0]).forEachRemaining(entry -> found[0]++);
    store.abort();
    return found[0];
  }

  @Test
  void aBatchAboveTheLimitFailsWithTheSizeTheLimitAndRocksDb() {
    stores = stores(folder, 16);
    commit(0, "a", 1_000);
    StateStore store = stores.open("s", 0, 1);

    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 10 * ROWS; i++) {
                store.put(key(i % 2 == 0 ? "a" : "b", i), value(1, i));
              }
            })
        .isInstanceOf(UserException.class)
        .hasMessageMatching(
            "(?s).*/s/0: the state in memory would take 1[67] MB with this batch, above its limit of"
                + " 16 MB .*MILLRACE_HEAP.*'state.store: rocksdb'.*./millrace rebuild PIPELINE.*");
    store.abort();

    assertThat(count(1)).isEqualTo(1_000);
    commit(1, "b", 1_000);
    assertThat(count(2)).isEqualTo(2_000);
  }

  @Test
  void allStoresOfAProcessShareTheLimit() {
    stores = stores(folder, 16);
    StateStore one = stores.open("s", 1, 0);
    for (int i = 0; i < 3 * ROWS; i++) {
      one.put(key("a", i), value(0, i));
    }
    one.commit();
    StateStore other = stores.open("s", 2, 0);

    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 3 * ROWS; i++) {
                other.put(key("a", i), value(0, i));
              }
            })
        .isInstanceOf(UserException.class);
    other.abort();
  }

  @Test
  void aLimitThatTheHeapHasNoRoomForIsRejected() {
    stores = stores(folder, 1_000_000);

    assertThatThrownBy(() -> stores.open("s", 0, 0))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("state.memory-megabytes: 1,000,000 MB is more than 60% of the heap");
  }

  @Test
  void recordsThatAreReplacedOrRemovedGiveTheirMemoryBack() {
    commit(0, "a", ROWS);
    long loaded = OpenStores.MEMORY.bytes();
    for (int version = 1; version < 40; version++) {
      commit(version, "a", ROWS / 4);
    }
    assertThat(OpenStores.MEMORY.bytes()).isLessThan(loaded * 2);
    StateStore store = stores.open("s", 0, 40);
    for (int i = 0; i < ROWS; i++) {
      store.remove(key("a", i));
    }
    store.commit();
    commit(41, "b", 1);
    commit(42, "b", 1);

    assertThat(OpenStores.MEMORY.bytes()).isLessThan(loaded / 2);
    assertThat(count(43)).isEqualTo(1);
  }

  @Test
  void aFullDiskFailsTheCommitAndTheNextAttemptContinues() throws Exception {
    try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 4)) {
      stores = stores(disk.folder(), 64);
      commit(0, "a", 10_000);
      disk.fill();
      StateStore store = stores.open("s", 0, 1);
      for (int i = 0; i < ROWS; i++) {
        store.put(key("a", i), Double.toString(Math.sin(i)).getBytes(UTF_8));
      }
      assertThatThrownBy(store::commit).rootCause().hasMessageContaining("No space left on device");
      store.abort();
      // The snapshot that is due fails, too.
      OpenStores.maintain();
      disk.free();

      assertThat(count(1)).isEqualTo(10_000);
      commit(1, "b", 1);
      OpenStores.maintain();
      stores.close();
      assertThat(count(2)).isEqualTo(10_001);
    }
  }

  @Test
  void snapshotsAndCopiesAreOfOneVersionWhileBatchesFollow() {
    commit(0, "a", ROWS);
    AtomicBoolean isOver = new AtomicBoolean();
    CompletableFuture<Void> background =
        CompletableFuture.runAsync(
            () -> {
              while (!isOver.get()) {
                OpenStores.maintain();
              }
            });
    int last = 60;
    for (int version = 1; version < last; version++) {
      commit(version, version % 2 == 0 ? "a" : "b", ROWS);
      StateStore copy = stores.openCopy("s", 0, version + 1L);
      long written = version;
      String prefix = version % 2 == 0 ? "a" : "b";
      int[] found = {0};
      copy.scan(prefix.getBytes(UTF_8))
          .forEachRemaining(
              entry -> {
                assertThat(new String(entry.getValue(), UTF_8)).startsWith(written + ":");
                found[0]++;
              });
      copy.abort();
      assertThat(found[0]).isEqualTo(ROWS);
    }
    isOver.set(true);
    background.join();
    stores.close();

    StateStore store = stores.open("s", 0, last);
    assertThat(store.get(key("a", 7))).isEqualTo(value(last - 2, 7));
    assertThat(store.get(key("b", 7))).isEqualTo(value(last - 1, 7));
    store.abort();
  }

  /** Each process has a table of its own, and follows what the others have committed. */
  @Test
  void aStoreMovesBetweenProcesses() throws Exception {
    String location = folder.resolve("s/0").toUri().toString();
    MemoryEngine engine =
        new MemoryEngine(
            64,
            StoreKind::isOrdered,
            5,
            new SerializableConfiguration(SPARK.session().sessionState().newHadoopConf()));
    List<OpenStore> processes =
        List.of(engine.make(location, "s"), engine.make(location, "s"), engine.make(location, "s"));
    Map<String, String> expected = new HashMap<>();
    Random random = new Random(5);
    for (int version = 0; version < 120; version++) {
      Map<String, String> changes = new HashMap<>();
      for (int i = 0; i < 50; i++) {
        changes.put((random.nextBoolean() ? "a" : "b") + random.nextInt(500), version + ":" + i);
      }
      if (random.nextInt(4) == 0) {
        // It is lost in its batch, or after a commit that nobody hears of.
        StateStore lost = processes.get(random.nextInt(processes.size())).open(version);
        changes.forEach((key, value) -> lost.put(key.getBytes(UTF_8), value.getBytes(UTF_8)));
        if (random.nextBoolean()) {
          lost.commit();
        } else {
          lost.abort();
        }
      }
      StateStore store = processes.get(random.nextInt(processes.size())).open(version);
      changes.forEach((key, value) -> store.put(key.getBytes(UTF_8), value.getBytes(UTF_8)));
      expected.putAll(changes);
      Map<String, String> found = new HashMap<>();
      store
          .scan(new byte[0])
          .forEachRemaining(
              entry ->
                  found.put(
                      new String(entry.getKey(), UTF_8), new String(entry.getValue(), UTF_8)));
      assertThat(found).isEqualTo(expected);
      store.commit();
      processes.get(random.nextInt(processes.size())).maintain();
    }
    processes.forEach(OpenStore::close);
  }

  @Test
  void aPartitionThatOtherProcessesContinueIsLetGo() {
    commit(0, "a", ROWS);
    long left = OpenStores.MEMORY.bytes();
    StateStore other = stores.open("s", 1, 0);
    other.put(key("a", 1), value(0, 1));
    other.commit();
    OpenStores.closeLeftBehind(Duration.ofHours(1));
    assertThat(OpenStores.MEMORY.bytes()).isGreaterThan(left);

    OpenStores.closeLeftBehind(Duration.ZERO);

    assertThat(OpenStores.MEMORY.bytes()).isPositive().isLessThan(left);
    assertThat(count(1)).isEqualTo(ROWS);
  }

  @Test
  void onlyTheVersionsThatCanBeOpenedAreKept() throws IOException {
    SPARK.session().conf().set("spark.sql.streaming.minBatchesToRetain", 3);
    try {
      stores = stores(folder, 64);
      for (int version = 0; version < 30; version++) {
        commit(version, "a", 2_000);
        OpenStores.maintain();
      }
    } finally {
      SPARK.session().conf().unset("spark.sql.streaming.minBatchesToRetain");
    }
    try (Stream<Path> files = Files.list(folder.resolve("s/0"))) {
      assertThat(files.filter(file -> !file.getFileName().toString().startsWith(".")))
          .hasSizeBetween(4, 12);
    }
    stores.close();

    assertThat(count(27)).isEqualTo(2_000);
  }

  @Test
  void aDamagedSnapshotIsPassedOverForTheOneBefore() throws IOException {
    commit(0, "a", ROWS);
    OpenStores.maintain();
    commit(1, "b", ROWS);
    OpenStores.maintain();
    stores.close();
    Path snapshot = folder.resolve("s/0/2.snapshot");
    byte[] bytes = Files.readAllBytes(snapshot);
    bytes[bytes.length / 2] ^= 1;
    Files.write(snapshot, bytes);

    assertThat(count(2)).isEqualTo(2 * ROWS);
  }
}
