package dev.millrace.pipeline.batch;

import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.decode.Decode;
import dev.millrace.decode.MessageDecoder;
import dev.millrace.decode.MessageReader;
import dev.millrace.error.FileErrors;
import dev.millrace.source.file.FileReader;
import dev.millrace.source.file.FileRecords;
import dev.millrace.source.file.SourceFile;
import dev.millrace.source.file.UnreadableFile;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.execution.ExternalAppendOnlyUnsafeRowArray;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Reads the files of one task, each as a whole or not at all: its rows are kept, in Spark's memory
 * and beyond that on disk, until its last record was read, and only then handed on. Made on the
 * driver, used by tasks.
 *
 * @param decoder what records become; null where they are rows already
 * @param type of the rows: the columns and the file's name
 */
public record FileRows(
    FileReader reader, MessageDecoder decoder, OnError onError, StructType type, FileTally tally)
    implements FlatMapFunction<Iterator<List<SourceFile>>, InternalRow>, Serializable {

  /** Beyond it they go to memory that Spark manages. */
  private static final int MAX_ROWS_ON_HEAP = 1024;

  @Override
  public Iterator<InternalRow> call(Iterator<List<SourceFile>> files) {
    return new OfTask(files.hasNext() ? files.next().iterator() : List.<SourceFile>of().iterator());
  }

  private final class OfTask implements Iterator<InternalRow> {

    private final Iterator<SourceFile> files;
    private final ExternalAppendOnlyUnsafeRowArray kept =
        new ExternalAppendOnlyUnsafeRowArray(MAX_ROWS_ON_HEAP, Integer.MAX_VALUE);
    private final UnsafeProjection projection = UnsafeProjection.create(type);
    private scala.collection.Iterator<UnsafeRow> rows;

    OfTask(Iterator<SourceFile> files) {
      this.files = files;
    }

    @Override
    public boolean hasNext() {
      while (rows == null || !rows.hasNext()) {
        if (!files.hasNext()) {
          kept.clear();
          return false;
        }
        SourceFile file = files.next();
        FileOutcome outcome = read(file);
        if (outcome.isRejected() && onError == OnError.FAIL) {
          throw FileErrors.stoppedAtFile(outcome.error());
        }
        tally.add(outcome);
        rows = kept.generateIterator();
      }
      return true;
    }

    @Override
    public InternalRow next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return rows.next();
    }

    /** Leaves the rows of a file that is taken in {@link #kept}, and none of any other. */
    private FileOutcome read(SourceFile file) {
      kept.clear();
      Faults faults = new Faults();
      try (FileRecords records = reader.open(file)) {
        keep(records, file, faults);
      } catch (DecodingFailed e) {
        throw e.failure;
      } catch (Exception e) {
        kept.clear();
        String reason =
            UnreadableFile.reason(reader.formatName(), e).orElseThrow(() -> unchecked(e));
        return new FileOutcome(file, 0, reason);
      }
      if (faults.count > 0) {
        kept.clear();
        return new FileOutcome(
            file, 0, FileErrors.unreadableLines(faults.count, faults.line, faults.first));
      }
      return new FileOutcome(file, kept.length(), null);
    }

    private void keep(FileRecords records, SourceFile file, Faults faults) throws Exception {
      MessageReader messages = decoder == null ? null : MessageReader.strict(decoder);
      InternalRow position =
          new GenericInternalRow(new Object[] {UTF8String.fromString(file.name())});
      JoinedRow joined = new JoinedRow();
      while (records.next()) {
        String fault = records.fault();
        InternalRow row = null;
        if (fault == null) {
          try {
            row = records.row();
            if (messages != null) {
              InternalRow decoded = messages.read(null, row.getBinary(0));
              fault = Decode.fault(decoded);
              row = Decode.row(decoded);
            }
            if (fault == null && faults.count == 0) {
              kept.add(projection.apply(joined.apply(row, position)));
            }
          } catch (RuntimeException e) {
            throw new DecodingFailed(e);
          }
        }
        if (fault != null) {
          faults.add(records.line(), fault);
          kept.clear();
        }
      }
    }
  }

  /** What is wrong with a file's records. */
  private static final class Faults {
    private long count;
    private long line;
    private String first;

    void add(long at, String fault) {
      if (count++ == 0) {
        line = at;
        first = fault;
      }
    }
  }

  /** A failure that is not the file's. */
  private static final class DecodingFailed extends Exception {
    private static final long serialVersionUID = 1L;

    private final RuntimeException failure;

    DecodingFailed(RuntimeException failure) {
      super(failure);
      this.failure = failure;
    }
  }

  private static RuntimeException unchecked(Exception failure) {
    return failure instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException(failure);
  }
}
