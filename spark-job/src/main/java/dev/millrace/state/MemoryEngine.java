package dev.millrace.state;

import dev.millrace.error.StateErrors;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Stores in the memory of the process.
 *
 * @param limitMegabytes of all of them in a process; 0 for half of its heap
 * @param orderedKeys those that are read in their order
 * @param retainedVersions how many versions can be opened
 */
record MemoryEngine(
    int limitMegabytes,
    OrderedKeys orderedKeys,
    int retainedVersions,
    SerializableConfiguration hadoop)
    implements StoreEngine {

  private static final int MEGABYTE = 1 << 20;

  /** Of the heap; the rest is for batches, and for what a snapshot or a copy holds meanwhile. */
  private static final double MAX_HEAP_SHARE = 0.6;

  @Override
  public OpenStore make(String location, String store) {
    long heapBytes = Runtime.getRuntime().maxMemory();
    long limitBytes = limitMegabytes == 0 ? heapBytes / 2 : (long) limitMegabytes * MEGABYTE;
    if (limitBytes > heapBytes * MAX_HEAP_SHARE) {
      throw StateErrors.memoryAboveHeap(limitMegabytes, heapBytes / MEGABYTE);
    }
    return new MemoryVersions(
        new VersionFiles(location, hadoop.value()),
        () ->
            new MemoryTable(
                new StoreMemory(
                    OpenStores.MEMORY,
                    limitBytes,
                    wanted ->
                        StateErrors.memoryFull(
                            location, wanted, limitBytes / MEGABYTE, heapBytes / MEGABYTE)),
                key -> orderedKeys.contains(store, key)),
        retainedVersions,
        location);
  }

  @Override
  public StateStore openCopy(String location, String store, long version)
      throws IOException, InterruptedException, TimeoutException {
    return new MemoryVersions(
            new VersionFiles(location, hadoop.value()),
            () -> new MemoryTable(StoreMemory.ofCopy(), key -> orderedKeys.contains(store, key)),
            retainedVersions,
            location)
        .open(version);
  }
}
