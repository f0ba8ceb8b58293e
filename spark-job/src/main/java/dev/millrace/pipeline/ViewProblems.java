package dev.millrace.pipeline;

import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Reports what views leave out: rows of which an expression fails, changes that the table can't
 * take, and sums that overflow. Driver only.
 */
final class ViewProblems {

  private static final int SHOWN = 5;

  private final String table;
  private final Consumer<String> say;

  ViewProblems(String table, Consumer<String> say) {
    this.table = table;
    this.say = say;
  }

  /** Prints the first problems of a batch, and how many there are. */
  void report(long batchId, Dataset<Row> problems) {
    List<Row> found = problems.collectAsList();
    found.stream().limit(SHOWN).forEach(row -> say.accept(line(batchId, row)));
    if (found.size() > SHOWN) {
      say.accept(
          String.format(
              "warning: batch %d: %,d more rows were left out", batchId, found.size() - SHOWN));
    }
  }

  private String line(long batchId, Row row) {
    String place =
        row.isNullAt(2)
            ? ""
            : String.format(" (partition %d, offset %d)", row.getInt(2), row.getLong(3));
    String reason =
        switch (row.getString(1)) {
          case "NULL_KEY" -> "a change without a key was not applied";
          case "TOO_OLD" ->
              "a replayed change is older than the deleted keys that are remembered, and was not"
                  + " applied; raise state.tombstone-retention before you replay";
          case "UNKNOWN_VALUE" ->
              "an update without its unchanged values was not applied: the state does not have the"
                  + " row; take a snapshot of it";
          case "RESTORED" -> "a snapshot of an older server began; its rows replace the newer ones";
          default -> "left out until it changes: " + row.getString(1);
        };
    return String.format(
        "warning: %s, batch %d%s: %s",
        row.isNullAt(0) ? table : row.getString(0), batchId, place, reason);
  }
}
