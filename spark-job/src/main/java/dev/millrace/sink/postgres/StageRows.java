package dev.millrace.sink.postgres;

import dev.millrace.sink.postgres.ChangeFold.Lines;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.unsafe.types.UTF8String;
import org.postgresql.PGConnection;

/**
 * Hands on the rows of one task: a few to the driver as they are, many through staging tables. Runs
 * on executors.
 *
 * <p>A staging table is made, filled and committed in one transaction, and has a name that no other
 * attempt has. So one that failed, was killed or ran twice leaves tables that nobody reads; the
 * driver drops them. They are unlogged: a server that crashes empties them, and the driver has the
 * batch staged again.
 *
 * @param staging what the names of this run's staging tables begin with
 * @param isTruncateSkipped whether a truncate of the source's table is passed over
 */
record StageRows(
    PostgresAccess access, PostgresPlan plan, String staging, boolean isTruncateSkipped)
    implements FlatMapFunction<Iterator<InternalRow>, StagedRows>, Serializable {

  /** What the driver takes of a task. */
  static final int MAX_BYTES_AT_HAND = 256 * 1024;

  /** What a task has in memory before it goes to a staging table. */
  private static final int PART_BYTES = 8 * 1024 * 1024;

  private static final UTF8String REMOVAL = UTF8String.fromString("d");

  @Override
  public Iterator<StagedRows> call(Iterator<InternalRow> rows) throws InterruptedException {
    List<StagedRows> staged = new ArrayList<>();
    Part part = plan.isGuarded() ? new Changes() : new Rows();
    try (PostgresSession session = new PostgresSession(access, line -> {})) {
      while (rows.hasNext()) {
        part.add(rows.next());
        if (part.bytes() >= PART_BYTES) {
          staged.add(stored(session, part, staged.size()));
        }
      }
      if (part.bytes() > 0 && staged.isEmpty() && part.bytes() <= MAX_BYTES_AT_HAND) {
        staged.add(part.taken());
      } else if (part.bytes() > 0) {
        staged.add(stored(session, part, staged.size()));
      }
    }
    return staged.iterator();
  }

  private StagedRows stored(PostgresSession session, Part part, int number)
      throws InterruptedException {
    StagedRows taken = part.taken();
    // Each attempt makes a table of its own: the commit of the one before may be in doubt.
    int[] attempt = {0};
    String table =
        session.committed(
            connection -> {
              String source = source(number, attempt[0]++);
              Queries.execute(connection, plan.createSource("UNLOGGED", source, ""));
              copy(connection, plan.copy(source), taken.lines());
              return source;
            });
    return taken.in(table);
  }

  private String source(int number, int attempt) {
    return PostgresPlan.quoted(access.schema())
        + "."
        + PostgresPlan.quoted(
            "%s%d_%d_%d".formatted(staging, TaskContext.get().taskAttemptId(), number, attempt));
  }

  private static void copy(Connection connection, String statement, byte[] lines)
      throws SQLException {
    try {
      connection
          .unwrap(PGConnection.class)
          .getCopyAPI()
          .copyIn(statement, new ByteArrayInputStream(lines));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is not handed on yet. */
  private interface Part {

    void add(InternalRow row);

    /** What it takes; 0 for nothing. */
    long bytes();

    /** All of it, at hand, and forgotten here. */
    StagedRows taken();
  }

  /** Rows as they come. */
  private final class Rows implements Part {

    private final CopyText text = new CopyText(PostgresTypes.copied(plan.rows()));
    private final int[] written = plan.ordinals();
    private final int[] removed = plan.ordinalsOfKey();
    private long rows;
    private long removals;
    private boolean hasNullKeys;

    @Override
    public void add(InternalRow row) {
      boolean isRemoval = plan.hasOperation() && row.getUTF8String(0).equals(REMOVAL);
      text.add(isRemoval ? 'd' : 'c', row, isRemoval ? removed : written);
      rows++;
      if (isRemoval) {
        removals++;
        for (int ordinal : removed) {
          hasNullKeys |= ordinal >= 0 && row.isNullAt(ordinal);
        }
      }
    }

    @Override
    public long bytes() {
      return text.size();
    }

    @Override
    public StagedRows taken() {
      StagedRows taken = StagedRows.atHand(text.take(), rows, removals, hasNullKeys);
      rows = 0;
      removals = 0;
      hasNullKeys = false;
      return taken;
    }
  }

  /** Changes, of which one line a key is left. */
  private final class Changes implements Part {

    private final ChangeFold fold = new ChangeFold(plan, isTruncateSkipped);
    private final CopyText text = new CopyText(fold.types());

    @Override
    public void add(InternalRow row) {
      fold.add(row);
    }

    @Override
    public long bytes() {
      return fold.bytes();
    }

    @Override
    public StagedRows taken() {
      Lines lines = fold.write(text);
      return StagedRows.folded(text.take(), lines);
    }
  }
}
