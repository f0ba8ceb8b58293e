package dev.millrace.view;

import dev.millrace.view.TableFold.Rejection;
import java.io.Serializable;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import scala.Tuple2;

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
record Moves(Set<Move> wanted, Map<Move, byte[]> known, boolean isLast) implements Serializable {

  static final Moves NONE = new Moves(Set.of(), Map.of(), false);

  /**
   * The driver and each task hold so much at most; what is more stays without its value. Which
   * these are follows from the batch, so that a batch that runs again has the same rows.
   */
  private static final int MAX_MOVES = 10_000;

  private static final long MAX_BYTES = 64L << 20;

  /** An update of a key: no other change of its transaction has its LSN. */
  record Move(long transaction, long lsn) implements Serializable, Comparable<Move> {

    private static final Comparator<Move> ORDER =
        Comparator.comparingLong(Move::lsn).thenComparingLong(Move::transaction);

    @Override
    public int compareTo(Move other) {
      return ORDER.compare(this, other);
    }

    /** Of a change; empty where its connector does not tell the transaction or the LSN. */
    static Optional<Move> of(UnsafeRow change) {
      return change.isNullAt(TableLayout.TX_ID) || change.isNullAt(TableLayout.LSN)
          ? Optional.empty()
          : Optional.of(
              new Move(change.getLong(TableLayout.TX_ID), change.getLong(TableLayout.LSN)));
    }
  }

  /** What the next round has to know; empty where this one has committed the batch. */
  Optional<Moves> after(JavaRDD<InternalRow> found, int changeFields) {
    if (isLast || found.filter(Moves::isUnknown).isEmpty()) {
      return Optional.empty();
    }
    JavaPairRDD<Move, byte[]> removed =
        found
            .filter(row -> row.getInt(ViewRow.KIND) == ViewRow.REMOVED)
            .mapToPair(
                row ->
                    new Tuple2<>(
                        new Move(row.getLong(ViewRow.ROWS), row.getLong(ViewRow.BYTES)),
                        row.getBinary(ViewRow.AFTER)));
    Map<Move, Integer> bytes = new TreeMap<>(removed.mapValues(row -> row.length).collectAsMap());
    known.forEach((move, row) -> bytes.remove(move));
    Set<Move> added =
        first(bytes, MAX_BYTES - known.values().stream().mapToLong(row -> row.length).sum());
    if (!added.isEmpty()) {
      Map<Move, byte[]> more = new HashMap<>(known);
      more.putAll(removed.filter(pair -> added.contains(pair._1())).collectAsMap());
      return Optional.of(new Moves(wanted, more, false));
    }
    List<Move> lacking =
        found
            .filter(Moves::isUnknown)
            .map(row -> Move.of(Expressions.row(row.getBinary(ViewRow.AFTER), changeFields)))
            .filter(Optional::isPresent)
            .map(Optional::get)
            .collect();
    Set<Move> next = new HashSet<>(wanted);
    lacking.stream()
        .filter(move -> !wanted.contains(move))
        .sorted()
        .limit(MAX_MOVES - wanted.size())
        .forEach(next::add);
    boolean isMore = next.size() > wanted.size();
    return Optional.of(new Moves(isMore ? next : wanted, known, !isMore));
  }

  /** The first moves, in their order, whose rows take no more than so many bytes together. */
  static Set<Move> first(Map<Move, Integer> bytes, long maxBytes) {
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

  private static boolean isUnknown(InternalRow row) {
    return row.getInt(ViewRow.KIND) == ViewRow.PROBLEM
        && row.getInt(ViewRow.VIEW) == ViewRow.NO_VIEW
        && row.getUTF8String(ViewRow.REASON)
            .toString()
            .equals(Rejection.UNKNOWN_MOVED_VALUE.name());
  }
}
