package dev.millrace.view.table;

import java.io.Serializable;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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
 * batch stays without its value.
 *
 * <p>Where a create lacks a value, only the last round commits what follows from it: an executor
 * takes its local copy of a version for what is stored, so that two rounds must not commit one
 * version with different contents. Immutable.
 *
 * @param wanted whose deletes are to tell what they remove
 * @param known the rows that were removed, those of {@link TableLayout#rowType}
 * @param isLast whether creates that still lack a value stay without it
 */
public record Moves(Set<Move> wanted, Map<Move, byte[]> known, boolean isLast)
    implements Serializable {

  public static final Moves NONE = new Moves(Set.of(), Map.of(), false);

  /**
   * The driver and each task hold so much at most; what is more stays without its value. Which
   * these are follows from the batch, so that a batch that runs again has the same rows.
   */
  public static final int MAX_MOVES = 10_000;

  public static final long MAX_BYTES = 64L << 20;

  /** An update of a key: no other change of its transaction has its LSN. */
  public record Move(long transaction, long lsn) implements Serializable, Comparable<Move> {

    private static final Comparator<Move> ORDER =
        Comparator.comparingLong(Move::lsn).thenComparingLong(Move::transaction);

    @Override
    public int compareTo(Move other) {
      return ORDER.compare(this, other);
    }

    /** Of a change; empty where its connector does not tell the transaction or the LSN. */
    public static Optional<Move> of(UnsafeRow change) {
      return change.isNullAt(TableLayout.TX_ID) || change.isNullAt(TableLayout.LSN)
          ? Optional.empty()
          : Optional.of(
              new Move(change.getLong(TableLayout.TX_ID), change.getLong(TableLayout.LSN)));
    }
  }

  /** The first moves, in their order, whose rows take no more than so many bytes together. */
  public static Set<Move> first(Map<Move, Integer> bytes, long maxBytes) {
    Set<Move> first = new HashSet<>();
    long sum = 0;
    for (Map.Entry<Move, Integer> each : new TreeMap<>(bytes).entrySet()) {
      sum += each.getValue();
      if (sum > maxBytes) {
        break;
      }
      first.add(each.getKey());
    }
    return first;
  }
}
