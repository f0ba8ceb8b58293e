package dev.millrace.source.file;

import dev.millrace.config.FileSourceDefinition;
import dev.millrace.error.FileErrors;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.connector.read.streaming.Offset;
import org.apache.spark.sql.connector.read.streaming.ReadLimit;
import org.apache.spark.sql.connector.read.streaming.ReadMaxFiles;
import org.apache.spark.sql.connector.read.streaming.SupportsTriggerAvailableNow;
import org.apache.spark.sql.execution.streaming.FileStreamSource.FileEntry;
import org.apache.spark.sql.execution.streaming.FileStreamSourceLog;
import org.apache.spark.sql.execution.streaming.FileStreamSourceOffset;
import org.apache.spark.sql.execution.streaming.SerializedOffset;
import org.apache.spark.unsafe.types.UTF8String;
import scala.Option;
import scala.Tuple2;

/**
 * Finds each file of a folder once, by its name, however old it is; the oldest first. Driver only.
 *
 * <p>The files of a batch, and when each was modified, are in Spark's own log of such files, in the
 * checkpoint, before the batch begins. So a replay has the same files, and can tell those that were
 * changed in between. The position counts the entries of that log.
 *
 * <p>Spark's own source of files takes names of files and the path of the folder for patterns,
 * follows links to folders in circles, and keeps no file's time of modification for the reader.
 */
final class FileStream implements MicroBatchStream, SupportsTriggerAvailableNow {

  private final FileSourceDefinition source;
  private final FileFolder folder;
  private final FileStreamSourceLog log;
  private final Set<String> seen = new HashSet<>();

  /** The newest entry of the log, -1 for none. */
  private long newest = -1;

  /** What a run that ends has still to read; null where a run does not end. */
  private List<SourceFile> remaining;

  FileStream(SparkSession session, FileSourceDefinition source, String checkpoint) {
    this.source = source;
    try {
      this.folder = FileFolder.of(source.path(), session.sessionState().newHadoopConf());
    } catch (IOException e) {
      throw FileErrors.unreachableFolder(source.path(), e);
    }
    this.log = new FileStreamSourceLog(FileStreamSourceLog.VERSION(), session, checkpoint);
    for (FileEntry entry : log.restore()) {
      seen.add(entry.path());
    }
    Option<Object> latest = log.getLatestBatchId();
    if (latest.isDefined()) {
      newest = (Long) latest.get();
    }
  }

  @Override
  public Offset initialOffset() {
    return new FileStreamSourceOffset(-1);
  }

  @Override
  public Offset deserializeOffset(String json) {
    return FileStreamSourceOffset.apply(new SerializedOffset(json));
  }

  @Override
  public ReadLimit getDefaultReadLimit() {
    return ReadLimit.maxFiles((int) source.maxFilesPerTrigger());
  }

  @Override
  public synchronized void prepareForTriggerAvailableNow() {
    remaining = unseen();
  }

  @Override
  public Offset latestOffset() {
    throw new UnsupportedOperationException("Spark tells where the stream begins");
  }

  @Override
  public synchronized Offset latestOffset(Offset start, ReadLimit limit) {
    // A run that was killed may have noted files for a batch that it did not begin.
    if (((FileStreamSourceOffset) start).logOffset() == newest) {
      List<SourceFile> files = next(limit);
      if (!files.isEmpty()) {
        add(files);
      }
    }
    return new FileStreamSourceOffset(newest);
  }

  private List<SourceFile> next(ReadLimit limit) {
    List<SourceFile> files = remaining == null ? unseen() : remaining;
    int most = limit instanceof ReadMaxFiles some ? some.maxFiles() : Integer.MAX_VALUE;
    List<SourceFile> next = List.copyOf(files.subList(0, Math.min(most, files.size())));
    if (remaining == null) {
      return next;
    }
    remaining = remaining.subList(next.size(), remaining.size());
    return next.stream().map(this::asItIsNow).toList();
  }

  private List<SourceFile> unseen() {
    try {
      return folder.listAll().stream().filter(file -> !seen.contains(file.uri())).toList();
    } catch (FileNotFoundException e) {
      throw FileErrors.noFolder(source.path());
    } catch (IOException e) {
      throw FileErrors.unreachableFolder(source.path(), e);
    }
  }

  /** A run that ends lists the files once, perhaps long before it reaches this one. */
  private SourceFile asItIsNow(SourceFile file) {
    try {
      return SourceFile.of(folder.files().getFileStatus(file.path()));
    } catch (IOException e) {
      // Who reads the file will find out why, and say so.
      return file;
    }
  }

  private void add(List<SourceFile> files) {
    FileEntry[] entries =
        files.stream()
            .map(file -> new FileEntry(file.uri(), file.modifiedMillis(), newest + 1))
            .toArray(FileEntry[]::new);
    if (!log.add(newest + 1, entries)) {
      throw FileErrors.overtakenLog(log.metadataPath().toString());
    }
    newest++;
    files.forEach(file -> seen.add(file.uri()));
  }

  @Override
  public synchronized InputPartition[] planInputPartitions(Offset start, Offset end) {
    long first = ((FileStreamSourceOffset) start).logOffset() + 1;
    long last = ((FileStreamSourceOffset) end).logOffset();
    List<SourceFile> files = new ArrayList<>();
    for (Tuple2<Object, FileEntry[]> batch :
        log.get(Option.<Object>apply(first), Option.<Object>apply(last))) {
      for (FileEntry entry : batch._2()) {
        files.add(asItIsNow(entry));
      }
    }
    return new InputPartition[] {new Files(List.copyOf(files))};
  }

  /** With the length that it has now, for the plan, and the time that it had, to be compared. */
  private SourceFile asItIsNow(FileEntry entry) {
    SourceFile noted = new SourceFile(entry.path(), entry.timestamp(), 0);
    return new SourceFile(entry.path(), entry.timestamp(), asItIsNow(noted).bytes());
  }

  @Override
  public PartitionReaderFactory createReaderFactory() {
    return new Readers();
  }

  @Override
  public void commit(Offset read) {}

  @Override
  public void stop() {}

  /** As the progress of a query shows it. */
  @Override
  public String toString() {
    return source.place();
  }

  private record Files(List<SourceFile> files) implements InputPartition {}

  private record Readers() implements PartitionReaderFactory {

    @Override
    public PartitionReader<InternalRow> createReader(InputPartition partition) {
      return new Reader(((Files) partition).files().iterator());
    }
  }

  private static final class Reader implements PartitionReader<InternalRow> {

    private final Iterator<SourceFile> files;
    private SourceFile file;

    Reader(Iterator<SourceFile> files) {
      this.files = files;
    }

    @Override
    public boolean next() {
      if (!files.hasNext()) {
        return false;
      }
      file = files.next();
      return true;
    }

    @Override
    public InternalRow get() {
      return new GenericInternalRow(
          new Object[] {UTF8String.fromString(file.uri()), file.modifiedMillis(), file.bytes()});
    }

    @Override
    public void close() {}
  }
}
