package dev.millrace.state;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.error.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What each kind of store does. */
@ParameterizedClass
@EnumSource
class StateStoreTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  @Parameter StoreKind kind;

  @TempDir Path folder;

  private StateStores stores;

  @BeforeEach
  void open() {
    stores = stores(folder);
  }

  private StateStores stores(Path root) {
    return kind.in(root.toUri().toString(), SPARK.session());
  }

  @AfterEach
  void close() {
    stores.close();
  }

  private void commit(long version, String... pairs) {
    StateStore store = stores.open("s", 0, version);
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i + 1] == null) {
        store.remove(pairs[i].getBytes(UTF_8));
      } else {
        store.put(pairs[i].getBytes(UTF_8), pairs[i + 1].getBytes(UTF_8));
      }
    }
    store.commit();
  }

  /** The entries with a prefix; the keys that begin with 'b' are in their order. */
  private List<String> read(long version, String prefix) {
    return read(stores.open("s", 0, version), prefix);
  }

  private static List<String> read(StateStore store, String prefix) {
    List<String> found = new ArrayList<>();
    for (Iterator<Map.Entry<byte[], byte[]>> entries = store.scan(prefix.getBytes(UTF_8));
        entries.hasNext(); ) {
      Map.Entry<byte[], byte[]> entry = entries.next();
      found.add(new String(entry.getKey(), UTF_8) + "=" + new String(entry.getValue(), UTF_8));
    }
    store.abort();
    return found;
  }

  @Test
  void scansAPrefixInTheOrderOfItsKeys() {
    commit(0, "b2", "x", "a", "y", "b1", "z", "c", "w");

    assertThat(read(1, "b")).containsExactly("b1=z", "b2=x");
  }

  @Test
  void aVersionStaysAsItWasWhateverFollowed() {
    commit(0, "a", "1");
    commit(1, "a", "2", "b", "2");
    commit(2, "a", null);

    assertThat(read(3, "")).containsExactly("b=2");
    assertThat(read(1, "")).containsExactly("a=1");
    assertThat(read(2, "")).containsExactlyInAnyOrder("a=2", "b=2");
  }

  @Test
  void whatIsAbortedIsForgotten() {
    commit(0, "a", "1");
    StateStore store = stores.open("s", 0, 1);
    store.put("a".getBytes(UTF_8), "lost".getBytes(UTF_8));
    store.abort();

    assertThat(read(1, "")).containsExactly("a=1");
  }

  @Test
  void anotherProcessReadsWhatWasCommitted() {
    commit(0, "a", "1");
    commit(1, "b", "2");
    stores.close();

    assertThat(read(2, "")).containsExactlyInAnyOrder("a=1", "b=2");
  }

  @Test
  void aBatchThatRunsAgainReplacesItsVersion() {
    commit(0, "a", "1");
    commit(1, "a", "2");
    commit(1, "a", "3");
    stores.close();

    assertThat(read(2, "")).containsExactly("a=3");
  }

  /** SPARK-51717: the second snapshot of a query whose batch had failed lacked files. */
  @Test
  void aSnapshotAfterAFailedBatchIsComplete() {
    commit(0, many("a"));
    OpenStores.maintain();
    StateStore failed = stores.open("s", 0, 1);
    failed.put("lost".getBytes(UTF_8), "x".getBytes(UTF_8));
    failed.abort();
    commit(1, many("b"));
    OpenStores.maintain();
    commit(2, many("c"));
    OpenStores.maintain();
    stores.close();

    assertThat(read(3, "")).hasSize(3 * MANY).noneMatch(entry -> entry.startsWith("lost"));
  }

  /** SPARK-52637: after a compaction a version was loaded with files of another one. */
  @Test
  void anOlderVersionIsLoadedAfterACompaction() {
    for (int version = 0; version < 12; version++) {
      commit(version, many("v"));
      OpenStores.maintain();
    }
    commit(12, "last", "1");

    assertThat(read(12, "")).hasSize(MANY);
    commit(12, "last", "2");
    OpenStores.maintain();
    stores.close();

    assertThat(read(13, "last")).containsExactly("last=2");
    assertThat(read(13, "")).hasSize(MANY + 1);
  }

  private static final int MANY = 12_000;
  private static final int RETAINED = 4;
  private static final int BATCHES = Integer.getInteger("millrace.state.batches", 250);

  /** So many that the commit makes a snapshot. */
  private static String[] many(String prefix) {
    String[] pairs = new String[2 * MANY];
    for (int i = 0; i < MANY; i++) {
      pairs[2 * i] = prefix + i;
      pairs[2 * i + 1] = "value " + i;
    }
    return pairs;
  }

  @Test
  void aChangelogThatIsGoneIsAnErrorWithTheCommandThatRebuilds() throws IOException {
    commit(0, "a", "1");
    commit(1, "b", "2");
    stores.close();
    Files.delete(changelog(1));

    assertThatThrownBy(() -> stores.open("s", 0, 2))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("version 2 of the views' state is lost or damaged")
        .hasMessageContaining("./millrace rebuild PIPELINE");
  }

  @Test
  void aChangelogThatWasCutIsAnError() throws IOException {
    commit(0, "a", "1", "b", "2");
    stores.close();
    byte[] bytes = Files.readAllBytes(changelog(1));
    Files.write(changelog(1), Arrays.copyOf(bytes, bytes.length / 2));

    assertThatThrownBy(() -> stores.open("s", 0, 1)).isInstanceOf(UserException.class);
  }

  /** Some bits of LZ4's frame carry nothing; which, depends on the decompressor that it takes. */
  @Test
  void aChangelogThatWasChangedIsNeverAWrongResult() throws IOException {
    commit(0, "a", "1", "b", "2");
    stores.close();
    byte[] bytes = Files.readAllBytes(changelog(1));
    int errors = 0;
    for (int i = 0; i < bytes.length; i++) {
      byte[] changed = bytes.clone();
      changed[i] ^= 0x10;
      Files.write(changelog(1), changed);
      try {
        assertThat(read(1, "")).as("byte %d changed", i).containsExactlyInAnyOrder("a=1", "b=2");
      } catch (UserException e) {
        errors++;
      }
      stores.close();
    }

    assertThat(errors).isGreaterThan(bytes.length / 2);
  }

  @Test
  void aCopyStaysAsItIsWhileTheNextVersionsFollow() {
    commit(0, many("a"));
    commit(1, "b", "1");
    StateStore copy = stores.openCopy("s", 0, 2);
    Iterator<Map.Entry<byte[], byte[]>> open = copy.scan(new byte[0]);
    for (int version = 2; version < 12; version++) {
      String[] pairs = Arrays.copyOf(many("a"), 2 * MANY + 2);
      pairs[2 * MANY] = "b";
      pairs[2 * MANY + 1] = Integer.toString(version);
      commit(version, pairs);
      OpenStores.maintain();
    }
    int[] found = {0};
    open.forEachRemaining(entry -> found[0]++);

    assertThat(found[0]).isEqualTo(MANY + 1);
    assertThat(read(copy, "")).hasSize(MANY + 1).contains("b=1", "a7=value 7");
    assertThat(read(stores.openCopy("s", 0, 3), "b")).containsExactly("b=2");
    assertThat(read(12, "b")).containsExactly("b=11");
  }

  @Test
  void aCopyIsOpenedWhileATaskWrites() {
    commit(0, "a", "1");
    StateStore store = stores.open("s", 0, 1);
    store.put("a".getBytes(UTF_8), "2".getBytes(UTF_8));

    assertThat(read(stores.openCopy("s", 0, 1), "")).containsExactly("a=1");
    store.commit();
    assertThat(read(stores.openCopy("s", 0, 2), "")).containsExactly("a=2");
  }

  @Test
  void randomChangesAbortsAndRestartsLeaveWhatATreeHas() {
    long seed = new Random().nextLong();
    System.out.printf("random changes of a %s store: seed %d%n", kind, seed);
    SparkSession session = SPARK.session().newSession();
    session.conf().set("spark.sql.streaming.minBatchesToRetain", RETAINED);
    stores = kind.in(folder.resolve("random").toUri().toString(), session);

    new RandomChanges(stores, kind, seed, RETAINED).run(BATCHES);
  }

  @ParameterizedTest
  @EnumSource
  void aFileOfASnapshotThatIsDamagedIsNeverAWrongResult(Damage damage) throws IOException {
    commit(0, many("a"));
    OpenStores.maintain();
    commit(1, "b", "2");
    stores.close();
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files =
          all.filter(Files::isRegularFile)
              .filter(file -> !file.getFileName().toString().startsWith("."))
              .toList();
    }
    assertThat(files).anyMatch(file -> file.toString().endsWith(kind.snapshotSuffix()));
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      damage.apply(file, bytes);
      List<String> found;
      try {
        found = read(2, "");
      } catch (UserException e) {
        assertThat(e).hasMessageContaining("./millrace rebuild PIPELINE");
        found = null;
      }
      stores.close();
      if (found != null) {
        assertThat(found).as("%s: %s", damage, file).hasSize(MANY + 1);
      }
      Files.write(file, bytes);
    }
  }

  /** What can become of a file. */
  enum Damage {
    DELETED,
    CUT,
    CHANGED;

    void apply(Path file, byte[] bytes) throws IOException {
      switch (this) {
        case DELETED -> Files.delete(file);
        case CUT -> Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
        case CHANGED -> {
          byte[] changed = bytes.clone();
          changed[bytes.length / 2] ^= 0x10;
          Files.write(file, changed);
        }
      }
    }
  }

  private Path changelog(long version) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.endsWith(version + kind.changelogSuffix()))
          .findFirst()
          .orElseThrow();
    }
  }
}
