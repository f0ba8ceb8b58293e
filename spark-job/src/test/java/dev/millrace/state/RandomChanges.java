package dev.millrace.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Random batches of a store, which are committed, aborted or run again, with restarts and snapshots
 * in between: each version is compared with a tree.
 */
final class RandomChanges {

  private static final int KEYS = 400;
  private static final byte[] FIRST_BYTES = {'a', 'b', 'b', 'c', (byte) 0xf0};

  private final StateStores stores;
  private final StoreKind kind;
  private final long seed;
  private final Random random;
  private final int retained;
  private final List<NavigableMap<byte[], byte[]>> versions = new ArrayList<>();

  /** The version up to which others may have been removed. */
  private int highest;

  RandomChanges(StateStores stores, StoreKind kind, long seed, int retained) {
    this.stores = stores;
    this.kind = kind;
    this.seed = seed;
    this.random = new Random(seed);
    this.retained = retained;
    versions.add(new TreeMap<>(Arrays::compareUnsigned));
  }

  void run(int batches) {
    for (int batch = 0; batch < batches; batch++) {
      if (random.nextInt(8) == 0) {
        stores.close();
      }
      if (random.nextInt(4) == 0) {
        OpenStores.maintain();
      }
      int version = versions.size() - 1;
      if (random.nextInt(6) == 0) {
        version = earlier(version);
      }
      StateStore store = stores.open("s", 0, version);
      NavigableMap<byte[], byte[]> expected = new TreeMap<>(versions.get(version));
      // A snapshot that RocksDB has of a version stays where a batch that runs again has other
      // rows.
      boolean isRepeated = kind == StoreKind.ROCKSDB || random.nextBoolean();
      Random ofBatch = new Random(isRepeated ? seed + version : random.nextLong());
      int changes = ofBatch.nextInt(20) == 0 ? 4_000 : ofBatch.nextInt(60);
      for (int i = 0; i < changes; i++) {
        change(store, expected, ofBatch);
      }
      compare(store, expected, batch);
      if (random.nextInt(5) == 0) {
        store.abort();
        continue;
      }
      store.commit();
      versions.subList(version + 1, versions.size()).clear();
      versions.add(expected);
      highest = Math.max(highest, version + 1);
      int copied = earlier(version + 1);
      StateStore copy = stores.openCopy("s", 0, copied);
      compare(copy, versions.get(copied), batch);
      copy.abort();
    }
  }

  /** Or the same: one that is kept, though the store may have been further before. */
  private int earlier(int version) {
    int oldest = Math.max(0, highest - retained + 1);
    return Math.max(Math.min(version, oldest), version - random.nextInt(retained));
  }

  private static void change(
      StateStore store, NavigableMap<byte[], byte[]> expected, Random random) {
    byte[] key = key(random);
    if (random.nextInt(3) == 0) {
      store.remove(key);
      expected.remove(key);
    } else {
      byte[] value = new byte[length(random)];
      random.nextBytes(value);
      store.put(key, value);
      expected.put(key, value);
    }
  }

  private static int length(Random random) {
    return switch (random.nextInt(200)) {
      case 0 -> 0;
      case 1 -> random.nextInt(300_000);
      default -> random.nextInt(200);
    };
  }

  private static byte[] key(Random random) {
    int number = random.nextInt(KEYS);
    byte[] key = new byte[2 + number % 7];
    key[0] = FIRST_BYTES[number % FIRST_BYTES.length];
    key[1] = (byte) (number % 3);
    for (int i = 2; i < key.length; i++) {
      key[i] = (byte) ((number * 31) >> i);
    }
    return key;
  }

  private void compare(StateStore store, NavigableMap<byte[], byte[]> expected, int batch) {
    String place = "seed %d, batch %d".formatted(seed, batch);
    byte[] key = key(random);
    assertThat(store.get(key)).as(place).isEqualTo(expected.get(key));
    byte[] prefix = Arrays.copyOf(key, random.nextInt(key.length + 1));
    List<String> wanted =
        expected.tailMap(prefix, true).entrySet().stream()
            .takeWhile(entry -> begins(entry.getKey(), prefix))
            .map(RandomChanges::text)
            .toList();
    List<String> found = new ArrayList<>();
    for (Iterator<Map.Entry<byte[], byte[]>> all = store.scan(prefix); all.hasNext(); ) {
      found.add(text(all.next()));
    }
    if (prefix.length > 0 && prefix[0] == 'b') {
      assertThat(found).as(place).isEqualTo(wanted);
    } else {
      assertThat(found).as(place).containsExactlyInAnyOrderElementsOf(wanted);
    }
    int max = 1 + random.nextInt(10);
    assertThat(
            store.first(prefix, max).stream().map(RandomChanges::text).collect(Collectors.toList()))
        .as(place)
        .isEqualTo(wanted.subList(0, Math.min(max, wanted.size())));
  }

  private static boolean begins(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static String text(Map.Entry<byte[], byte[]> entry) {
    return Arrays.toString(entry.getKey())
        + "="
        + entry.getValue().length
        + ":"
        + Arrays.hashCode(entry.getValue());
  }
}
