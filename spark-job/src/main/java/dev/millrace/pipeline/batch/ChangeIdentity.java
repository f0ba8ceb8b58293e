package dev.millrace.pipeline.batch;

import dev.millrace.event.ChangeColumns;
import java.io.Serializable;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.collection.JavaConverters;

/**
 * What a change has in common with its redelivery, and with no other change: the row's key, the
 * message's key, operation, LSN, transaction and source time. Made on the driver; each task has a
 * {@link Reader} of its own.
 *
 * <p>Postgres logs every change of a row at an LSN of its own, but the rows of a COPY, which have
 * different keys, and an update of the key, which is a delete and a create. Transaction and time
 * tell apart what a server that was restored from a backup logs at an LSN again, and what two
 * incremental snapshots read, which have the LSN of the last streamed change.
 */
final class ChangeIdentity implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final List<String> OF_CHANGE =
      List.of(
          ChangeColumns.MESSAGE_KEY,
          ChangeColumns.OP,
          ChangeColumns.LSN,
          ChangeColumns.TX_ID,
          ChangeColumns.SOURCE_TS);

  /** Of SHA-256. */
  private static final int BYTES = 16;

  private static final UTF8String SNAPSHOT_ROW = UTF8String.fromString("r");
  private static final UTF8String TRUNCATE = UTF8String.fromString("t");

  private final StructType row;
  private final List<String> columns;
  private final boolean hasTableKey;

  /**
   * The identity of the rows of a table.
   *
   * @param row the columns of the rows, {@link #columns} among them
   * @param tableKey the columns of the table's key; may be empty
   */
  ChangeIdentity(StructType row, List<String> tableKey) {
    this.row = row;
    this.columns = List.copyOf(columns(tableKey));
    this.hasTableKey = !tableKey.isEmpty();
  }

  /** The columns that a row needs for its identity. */
  static Set<String> columns(List<String> tableKey) {
    return Stream.concat(tableKey.stream(), OF_CHANGE.stream())
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  Reader newReader() {
    return new Reader();
  }

  /** Reads the rows of one task. */
  final class Reader {

    private final UnsafeProjection projection;
    private final MessageDigest digest;
    private final int operation = row.fieldIndex(ChangeColumns.OP);
    private final int lsn = row.fieldIndex(ChangeColumns.LSN);
    private final int sourceTime = row.fieldIndex(ChangeColumns.SOURCE_TS);
    private final int messageKey = row.fieldIndex(ChangeColumns.MESSAGE_KEY);

    private Reader() {
      List<Expression> expressions = new ArrayList<>();
      for (String column : columns) {
        int ordinal = row.fieldIndex(column);
        expressions.add(new BoundReference(ordinal, row.fields()[ordinal].dataType(), true));
      }
      projection = UnsafeProjection.create(JavaConverters.asScalaBuffer(expressions).toList());
      try {
        digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }

    /** Whether a change states enough to be told from others. */
    boolean isKnown(InternalRow change) {
      return !change.isNullAt(lsn)
          && !change.isNullAt(sourceTime)
          && (hasTableKey
              || !change.isNullAt(messageKey)
              || change.getUTF8String(operation).equals(TRUNCATE));
    }

    boolean isSnapshotRow(InternalRow change) {
      return change.getUTF8String(operation).equals(SNAPSHOT_ROW);
    }

    /** In microseconds since 1970. */
    long sourceMicros(InternalRow change) {
      return change.getLong(sourceTime);
    }

    /** The identity of a change that {@link #isKnown}. */
    byte[] of(InternalRow change) {
      UnsafeRow values = projection.apply(change);
      return Arrays.copyOf(digest.digest(values.getBytes()), BYTES);
    }
  }
}
