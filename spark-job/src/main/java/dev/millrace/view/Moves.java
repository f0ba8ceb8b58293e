package dev.millrace.view;

import dev.millrace.view.TableFold.Rejection;
import java.io.Serializable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/**
 * Rows of a batch whose key an update changed, and of which Postgres did not send an unchanged
 * value. The update is a delete of the old key and a create of the new one, with one transaction
 * and one LSN; the state has the value under the old key, in another partition of the state. So the
 * batch is run until each create that can be completed has what its delete removed.
 *
 * <pre>
 *   round 1   the creates that lack a value are found
 *   round 2   their deletes tell the rows that they remove
 *   round 3   the creates take their values from these
 * </pre>
 *
 * <p>A row that moves twice in a batch takes another round. A create whose delete is in another
 * batch stays without its value. Immutable.
 *
 * @param wanted whose deletes are to tell what they remove
 * @param known the rows that were removed, those of {@link TableLayout#rowType}
 */
record Moves(Set<Move> wanted, Map<Move, byte[]> known) implements Serializable {

  static final Moves NONE = new Moves(Set.of(), Map.of());

  /** The driver and each task hold so many rows at most; others stay without their value. */
  private static final int MAX_MOVES = 10_000;

  /** An update of a key: no other change of its transaction has its LSN. */
  record Move(long transaction, long lsn) implements Serializable {

    /** Of a change; empty where its connector does not tell the transaction or the LSN. */
    static Optional<Move> of(UnsafeRow change) {
      return change.isNullAt(TableLayout.TX_ID) || change.isNullAt(TableLayout.LSN)
          ? Optional.empty()
          : Optional.of(
              new Move(change.getLong(TableLayout.TX_ID), change.getLong(TableLayout.LSN)));
    }
  }

  /** What the next round has to know; empty where it would find nothing more. */
  Optional<Moves> after(JavaRDD<InternalRow> found, int changeFields) {
    Map<Move, byte[]> removed = new HashMap<>(known);
    found
        .filter(row -> row.getInt(ViewRow.KIND) == ViewRow.REMOVED)
        .mapToPair(
            row ->
                new scala.Tuple2<>(
                    new Move(row.getLong(ViewRow.ROWS), row.getLong(ViewRow.BYTES)),
                    row.getBinary(ViewRow.AFTER)))
        .collect()
        .forEach(pair -> removed.put(pair._1(), pair._2()));
    if (removed.size() > known.size()) {
      return Optional.of(new Moves(wanted, removed));
    }
    List<Move> lacking =
        found
            .filter(Moves::isUnknown)
            .map(row -> Move.of(Expressions.row(row.getBinary(ViewRow.AFTER), changeFields)))
            .filter(Optional::isPresent)
            .map(Optional::get)
            .take(MAX_MOVES);
    Set<Move> next = new HashSet<>(wanted);
    return next.size() < MAX_MOVES && next.addAll(lacking)
        ? Optional.of(new Moves(next, known))
        : Optional.empty();
  }

  private static boolean isUnknown(InternalRow row) {
    return row.getInt(ViewRow.KIND) == ViewRow.PROBLEM
        && row.getInt(ViewRow.VIEW) == ViewRow.NO_VIEW
        && row.getUTF8String(ViewRow.REASON)
            .toString()
            .equals(Rejection.UNKNOWN_MOVED_VALUE.name());
  }
}
