package dev.millrace.state;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The versions of one partition of a store, of which the newest is in memory. Each commit writes
 * what it changed to a file; a snapshot is written in the background, of a version that the next
 * batches leave as it is. A version that is not in memory is read from the newest snapshot that is
 * not after it, and the changes that follow. Thread-safe.
 */
final class MemoryVersions implements OpenStore {

  private static final Logger LOG = LoggerFactory.getLogger(MemoryVersions.class);

  private static final byte PUT = 1;
  private static final byte REMOVED = 0;

  /** A task that ended has given its store back; another one may still be in its last moments. */
  private static final int OPEN_TIMEOUT_SECONDS = 60;

  private static final int SNAPSHOT_TIMEOUT_SECONDS = 10;

  /** A snapshot is due after so many files of changes, or so large ones. */
  private static final int MAX_CHANGES = 200;

  private static final long MIN_CHANGES_BYTES = 1 << 16;
  private static final int KEPT_SNAPSHOTS = 2;

  private static final MemoryStore.End NO_END =
      new MemoryStore.End() {
        @Override
        public void commit() {
          throw new IllegalStateException("a copy can't be committed");
        }

        @Override
        public void abort() {
          // Nobody else has it.
        }
      };

  private final VersionFiles files;
  private final Supplier<MemoryTable> tables;
  private final int retainedVersions;
  private final String location;

  /**
   * Who has it may use the table and the fields below. In order, so that a snapshot has its turn.
   */
  private final Semaphore turn = new Semaphore(1, true);

  private volatile Thread owner;
  private volatile Turn current;
  private MemoryTable table;

  /** The version that the table has; below 0 if it has none. */
  private volatile long version = -1;

  /** How often a batch ran again. */
  private final AtomicLong returns = new AtomicLong();

  /** The newest version that has files, those of a run that went back included. */
  private long newestFile;

  private volatile long snapshotBytes;

  /** Of the changes after the last snapshot. */
  private final AtomicLong changesBytes = new AtomicLong();

  private final AtomicLong changesFiles = new AtomicLong();

  /** Is held while a snapshot is written. */
  private final Object snapshots = new Object();

  private volatile boolean isClosed;
  private volatile long openedNanos = System.nanoTime();
  private volatile long cleanedVersion;

  /**
   * The versions that a folder has.
   *
   * @param tables makes empty ones
   */
  MemoryVersions(
      VersionFiles files, Supplier<MemoryTable> tables, int retainedVersions, String location) {
    this.files = files;
    this.tables = tables;
    this.retainedVersions = retainedVersions;
    this.location = location;
  }

  @Override
  public StateStore open(long wanted) throws IOException, InterruptedException, TimeoutException {
    acquire();
    try {
      load(wanted);
    } catch (IOException | RuntimeException | Error e) {
      forget();
      release();
      throw e;
    }
    return new MemoryStore(table, new Turn(table));
  }

  /** What one task has opened. */
  private final class Turn implements MemoryStore.End {

    private final MemoryTable opened;

    Turn(MemoryTable opened) {
      this.opened = opened;
      current = this;
    }

    @Override
    public void commit() throws IOException {
      if (current != this || isClosed) {
        throw new IOException("the store has been opened again, or closed");
      }
      commitNext();
      release();
    }

    @Override
    public void abort() {
      if (current == this) {
        opened.rollback();
        release();
      }
    }
  }

  private void acquire() throws InterruptedException, TimeoutException {
    if (owner == Thread.currentThread()) {
      // Its last task did not give the store back.
      current.abort();
    }
    if (!turn.tryAcquire(OPEN_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      throw new TimeoutException("another task has had it open for a minute");
    }
    owner = Thread.currentThread();
    openedNanos = System.nanoTime();
  }

  /** When a task opened it last, by {@link System#nanoTime}. */
  long openedNanos() {
    return openedNanos;
  }

  private void release() {
    owner = null;
    current = null;
    turn.release();
  }

  private void load(long wanted) throws IOException {
    if (wanted == version) {
      return;
    }
    if (wanted < version) {
      returns.incrementAndGet();
    }
    if (wanted == version - 1 && table.canRevert()) {
      table.revert();
      version = wanted;
      return;
    }
    VersionFiles.Listing listing = files.list();
    newestFile = listing.newest();
    if (version < 0 || version > wanted || !canFollow(listing, wanted)) {
      read(listing, wanted);
    }
    Map.Entry<Long, Long> snapshot = listing.snapshots().floorEntry(wanted);
    snapshotBytes = snapshot == null ? 0 : snapshot.getValue();
    Map<Long, Long> after =
        listing.changes().subMap(snapshot == null ? 0 : snapshot.getKey(), false, wanted, true);
    changesFiles.set(after.size());
    changesBytes.set(after.values().stream().mapToLong(Long::longValue).sum());
  }

  /** Whether the version was made from the one in memory, which another process continued. */
  private boolean canFollow(VersionFiles.Listing listing, long wanted) {
    if (!listing.hasChanges(version, wanted)) {
      return false;
    }
    try {
      follow(version, wanted);
      return true;
    } catch (IOException e) {
      LOG.warn("The state in {} is read again from its last snapshot.", location, e);
      return false;
    }
  }

  private void read(VersionFiles.Listing listing, long wanted) throws IOException {
    List<Long> bases =
        new ArrayList<>(listing.snapshots().headMap(wanted, true).descendingKeySet());
    bases.add(0L);
    IOException first = null;
    for (long base : bases) {
      if (listing.hasChanges(base, wanted)) {
        try {
          forget();
          readSnapshot(base);
          follow(base, wanted);
          return;
        } catch (IOException e) {
          LOG.warn(
              "Version {} of the state in {} can't be read from {}.", wanted, location, base, e);
          first = first == null ? e : first;
        }
      }
    }
    if (first == null) {
      throw new FileNotFoundException("the changes of a version are missing");
    }
    throw first;
  }

  private void readSnapshot(long base) throws IOException {
    table = tables.get();
    version = base;
    if (base > 0) {
      files.readSnapshot(
          base,
          in -> {
            table.expect(in.count());
            for (byte[] page = in.next(); page != null; page = in.next()) {
              table.load(page);
            }
            requireContent(in);
          });
    }
  }

  /** Applies the changes after a version that is in memory. */
  private void follow(long after, long upTo) throws IOException {
    for (long next = after + 1; next <= upTo; next++) {
      files.readChanges(next, this::apply);
      table.commit();
      version = next;
    }
  }

  private void apply(BlockReader in) throws IOException {
    for (byte[] block = in.next(); block != null; block = in.next()) {
      for (int at = 1; at < block.length; ) {
        byte tag = block[at++];
        if (tag == PUT) {
          table.putRecord(block, at);
          at += RecordPages.size(block, at);
        } else {
          int length = RecordPages.length(block, at);
          at += RecordPages.lengthBytes(length);
          table.remove(block, at, length);
          at += length;
        }
      }
    }
    requireContent(in);
  }

  /** What was read is what was written, or that of another run of the batch with the same rows. */
  private void requireContent(BlockReader in) throws DamagedStateException {
    if (in.count() != table.count() || in.content() != table.content()) {
      throw new DamagedStateException(
          "the state would have %,d records, or others, and not the %,d that it had"
              .formatted(table.count(), in.count()));
    }
  }

  private void forget() {
    if (table != null) {
      table.close();
    }
    table = null;
    version = -1;
  }

  private void commitNext() throws IOException {
    long next = version + 1;
    if (newestFile >= next) {
      removeFrom(next);
    }
    if (newestFile == 0) {
      files.createFolder();
    }
    long bytes =
        files.writeChanges(
            next, table, out -> table.changes(new WrittenChanges(table.pages(), out)));
    table.commit();
    version = next;
    newestFile = next;
    changesFiles.incrementAndGet();
    changesBytes.addAndGet(bytes);
  }

  /** Removes versions that a batch made which runs again, perhaps with other rows. */
  private void removeFrom(long next) {
    synchronized (snapshots) {
      VersionFiles.Listing listing = files.list();
      listing.snapshots().tailMap(next, true).descendingKeySet().forEach(files::removeSnapshot);
      listing.changes().tailMap(next, true).descendingKeySet().forEach(files::removeChanges);
    }
  }

  private record WrittenChanges(RecordPages pages, BlockWriter out) implements MemoryTable.Changes {

    @Override
    public void put(long address) throws IOException {
      out.write(PUT, pages.bytes(address), RecordPages.offset(address), pages.size(address));
    }

    @Override
    public void removed(long address) throws IOException {
      byte[] key = pages.key(address);
      byte[] written = new byte[RecordPages.lengthBytes(key.length) + key.length];
      int start = RecordPages.writeLength(written, 0, key.length);
      System.arraycopy(key, 0, written, start, key.length);
      out.write(REMOVED, written, 0, written.length);
    }
  }

  @Override
  public Optional<StateStore> copy(long wanted) {
    if (!turn.tryAcquire()) {
      return Optional.empty();
    }
    try {
      if (version != wanted || isClosed) {
        return Optional.empty();
      }
      return Optional.of(new MemoryStore(table.frozen(), NO_END));
    } finally {
      turn.release();
    }
  }

  @Override
  public void maintain() throws IOException, InterruptedException {
    Optional<Frozen> due = due();
    synchronized (snapshots) {
      if (due.isPresent()) {
        write(due.get());
      }
      if (version != cleanedVersion && !isClosed) {
        clean(version);
      }
    }
  }

  private record Frozen(
      MemoryTable table, long version, long returns, long changesBytes, long changesFiles) {}

  /** The table as it is between two batches, if a snapshot of it is due. */
  private Optional<Frozen> due() throws InterruptedException {
    if (!turn.tryAcquire(SNAPSHOT_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      return Optional.empty();
    }
    try {
      boolean isDue =
          changesFiles.get() >= MAX_CHANGES
              || changesBytes.get() >= Math.max(MIN_CHANGES_BYTES, snapshotBytes / 2);
      return version > 0 && isDue && !isClosed
          ? Optional.of(
              new Frozen(
                  table.frozen(), version, returns.get(), changesBytes.get(), changesFiles.get()))
          : Optional.empty();
    } finally {
      turn.release();
    }
  }

  private void write(Frozen frozen) throws IOException {
    RecordPages pages = frozen.table().pages();
    Addresses all = new Addresses();
    frozen.table().forEach(all);
    snapshotBytes =
        files.writeSnapshot(
            frozen.version(),
            frozen.table(),
            out -> {
              for (var addresses = all.stream().iterator(); addresses.hasNext(); ) {
                requireWanted(frozen);
                long address = addresses.nextLong();
                out.write(pages.bytes(address), RecordPages.offset(address), pages.size(address));
              }
              requireWanted(frozen);
            });
    changesBytes.addAndGet(-frozen.changesBytes());
    changesFiles.addAndGet(-frozen.changesFiles());
  }

  private void requireWanted(Frozen frozen) throws IOException {
    if (isClosed || returns.get() != frozen.returns()) {
      throw new IOException("the version is made again, or the store is closed");
    }
  }

  /**
   * Removes what no version needs that can be opened, and snapshots that are neither the newest
   * ones nor the one that the oldest version is read from. Another process may have gone on.
   */
  private void clean(long newest) {
    VersionFiles.Listing listing = files.list();
    if (listing.newest() == newest) {
      long oldest = newest - retainedVersions;
      Long base = listing.snapshots().floorKey(oldest);
      if (base != null) {
        listing.snapshots().headMap(base, false).keySet().forEach(files::removeSnapshot);
        listing.changes().headMap(base, true).keySet().forEach(files::removeChanges);
      }
      listing.snapshots().tailMap(oldest, false).descendingKeySet().stream()
          .skip(KEPT_SNAPSHOTS)
          .forEach(files::removeSnapshot);
    }
    files.removeLeftovers(System.currentTimeMillis());
    cleanedVersion = newest;
  }

  @Override
  public void close() {
    isClosed = true;
    synchronized (snapshots) {
      forget();
    }
  }
}
