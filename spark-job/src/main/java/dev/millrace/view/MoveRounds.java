package dev.millrace.view;

import dev.millrace.view.table.Expressions;
import dev.millrace.view.table.Moves;
import dev.millrace.view.table.TableFold.Rejection;
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
import scala.Tuple2;

/** How the rounds of a batch find the rows that {@link Moves} asks for. Driver only. */
final class MoveRounds {

  private MoveRounds() {}

  /** What the next round has to know; empty where this one has committed the batch. */
  static Optional<Moves> after(Moves moves, JavaRDD<InternalRow> found, int changeFields) {
    if (moves.isLast() || found.filter(MoveRounds::isUnknown).isEmpty()) {
      return Optional.empty();
    }
    JavaPairRDD<Moves.Move, byte[]> removed =
        found
            .filter(row -> row.getInt(ViewRow.KIND) == ViewRow.REMOVED)
            .mapToPair(
                row ->
                    new Tuple2<>(
                        new Moves.Move(row.getLong(ViewRow.ROWS), row.getLong(ViewRow.BYTES)),
                        row.getBinary(ViewRow.AFTER)));
    Map<Moves.Move, Integer> bytes =
        new TreeMap<>(removed.mapValues(row -> row.length).collectAsMap());
    moves.known().forEach((move, row) -> bytes.remove(move));
    Set<Moves.Move> added =
        Moves.first(
            bytes,
            Moves.MAX_BYTES - moves.known().values().stream().mapToLong(row -> row.length).sum());
    if (!added.isEmpty()) {
      Map<Moves.Move, byte[]> more = new HashMap<>(moves.known());
      more.putAll(removed.filter(pair -> added.contains(pair._1())).collectAsMap());
      return Optional.of(new Moves(moves.wanted(), more, false));
    }
    List<Moves.Move> lacking =
        found
            .filter(MoveRounds::isUnknown)
            .map(row -> Moves.Move.of(Expressions.row(row.getBinary(ViewRow.AFTER), changeFields)))
            .filter(Optional::isPresent)
            .map(Optional::get)
            .collect();
    Set<Moves.Move> next = new HashSet<>(moves.wanted());
    lacking.stream()
        .filter(move -> !moves.wanted().contains(move))
        .sorted()
        .limit(Moves.MAX_MOVES - moves.wanted().size())
        .forEach(next::add);
    boolean isMore = next.size() > moves.wanted().size();
    return Optional.of(new Moves(isMore ? next : moves.wanted(), moves.known(), !isMore));
  }

  private static boolean isUnknown(InternalRow row) {
    return row.getInt(ViewRow.KIND) == ViewRow.PROBLEM
        && row.getInt(ViewRow.VIEW) == ViewRow.NO_VIEW
        && row.getUTF8String(ViewRow.REASON)
            .toString()
            .equals(Rejection.UNKNOWN_MOVED_VALUE.name());
  }
}
