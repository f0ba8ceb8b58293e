package dev.millrace.state;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.execution.streaming.CheckpointFileManager;
import org.apache.spark.sql.execution.streaming.CheckpointFileManager.CancellableFSDataOutputStream;

/**
 * The files of a store's partition: {@code N.changes} has what leads from version N-1 to version N,
 * and {@code N.snapshot} has all of version N. Each appears with a rename, whole.
 */
final class VersionFiles {

  private static final String CHANGES = ".changes";
  private static final String SNAPSHOT = ".snapshot";
  private static final int BUFFER_BYTES = 1 << 16;

  /** What a writer that was killed has left is removed after so long. */
  private static final long LEFTOVER_MILLIS = 3_600_000;

  private final Path folder;
  private final CheckpointFileManager files;

  VersionFiles(String location, Configuration hadoop) {
    this.folder = new Path(location);
    this.files = CheckpointFileManager.create(folder, hadoop);
  }

  /** The versions of which there are changes, and snapshots, with the lengths of the files. */
  record Listing(NavigableMap<Long, Long> changes, NavigableMap<Long, Long> snapshots) {

    /** The newest version that can be there; 0 if there is none. */
    long newest() {
      return Math.max(
          changes.isEmpty() ? 0 : changes.lastKey(), snapshots.isEmpty() ? 0 : snapshots.lastKey());
    }

    /** Whether there are the changes of all versions after one, up to another. */
    boolean hasChanges(long after, long upTo) {
      return changes.subMap(after, false, upTo, true).size() == upTo - after;
    }
  }

  Listing list() {
    Listing found = new Listing(new TreeMap<>(), new TreeMap<>());
    for (FileStatus file : statuses()) {
      String name = file.getPath().getName();
      if (name.endsWith(CHANGES)) {
        add(found.changes(), name, CHANGES, file.getLen());
      } else if (name.endsWith(SNAPSHOT)) {
        add(found.snapshots(), name, SNAPSHOT, file.getLen());
      }
    }
    return found;
  }

  void createFolder() {
    files.mkdirs(folder);
  }

  private FileStatus[] statuses() {
    return files.exists(folder) ? files.list(folder) : new FileStatus[0];
  }

  private static void add(
      NavigableMap<Long, Long> versions, String name, String suffix, long bytes) {
    String number = name.substring(0, name.length() - suffix.length());
    if (number.chars().allMatch(Character::isDigit) && !number.isEmpty()) {
      versions.put(Long.parseLong(number), bytes);
    }
  }

  /** Writes the records of a file. */
  @FunctionalInterface
  interface Writer {

    void write(BlockWriter out) throws IOException;
  }

  /**
   * Writes the changes that lead to a version.
   *
   * @param table what it has with them
   * @return the bytes that were written
   */
  long writeChanges(long version, MemoryTable table, Writer writer) throws IOException {
    return write(version, CHANGES, table, writer);
  }

  /** The same for all that a version has. */
  long writeSnapshot(long version, MemoryTable table, Writer writer) throws IOException {
    return write(version, SNAPSHOT, table, writer);
  }

  private long write(long version, String suffix, MemoryTable table, Writer writer)
      throws IOException {
    Path path = new Path(folder, version + suffix);
    CancellableFSDataOutputStream out = files.createAtomic(path, true);
    try {
      BufferedOutputStream buffered = new BufferedOutputStream(out, BUFFER_BYTES);
      BlockWriter blocks = new BlockWriter(buffered, version, table.count(), table.content());
      writer.write(blocks);
      blocks.finish();
      long bytes = out.getPos();
      out.close();
      return bytes;
    } catch (FSError e) {
      out.cancel();
      throw new IOException(e.getCause());
    } catch (IOException | RuntimeException | Error e) {
      out.cancel();
      throw e;
    }
  }

  /** Reads a file. */
  @FunctionalInterface
  interface Reader {

    void read(BlockReader in) throws IOException;
  }

  void readChanges(long version, Reader reader) throws IOException {
    read(version, CHANGES, reader);
  }

  void readSnapshot(long version, Reader reader) throws IOException {
    read(version, SNAPSHOT, reader);
  }

  private void read(long version, String suffix, Reader reader) throws IOException {
    Path path = new Path(folder, version + suffix);
    try (var in = new BufferedInputStream(files.open(path), BUFFER_BYTES)) {
      reader.read(new BlockReader(in, version));
    } catch (DamagedStateException e) {
      throw new DamagedStateException(path.getName() + ": " + e.getMessage(), e);
    }
  }

  void removeChanges(long version) {
    files.delete(new Path(folder, version + CHANGES));
  }

  void removeSnapshot(long version) {
    files.delete(new Path(folder, version + SNAPSHOT));
  }

  /** Removes what writers have left that were killed long ago. */
  void removeLeftovers(long nowMillis) {
    for (FileStatus file : statuses()) {
      if (file.getPath().getName().startsWith(".")
          && file.getPath().getName().endsWith(".tmp")
          && file.getModificationTime() < nowMillis - LEFTOVER_MILLIS) {
        files.delete(file.getPath());
      }
    }
  }
}
