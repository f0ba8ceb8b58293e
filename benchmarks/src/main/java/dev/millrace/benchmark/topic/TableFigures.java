package dev.millrace.benchmark.topic;

/**
 * What tells two states of the table of rides apart, computed in the same way from messages and by
 * SQL.
 *
 * @param rows how many
 * @param ids the sum of their ids
 * @param versions the sum of {@code (id % MODULUS) * (updated_at in microseconds % MODULUS)}
 * @param completed how many have the status {@code Completed}
 */
public record TableFigures(long rows, long ids, long versions, long completed) {

  /** Keeps the sum of a million products below the largest long. */
  public static final long MODULUS = 1_000_003;

  public static final TableFigures NONE = new TableFigures(0, 0, 0, 0);

  /** The figures with one more row. */
  TableFigures plus(long id, long updatedMicros, boolean isCompleted) {
    return new TableFigures(
        rows + 1,
        ids + id,
        versions + (id % MODULUS) * (updatedMicros % MODULUS),
        completed + (isCompleted ? 1 : 0));
  }

  /** The figures with one more row of which only the id is known. */
  TableFigures plus(long id) {
    return new TableFigures(rows + 1, ids + id, versions, completed);
  }

  /** The four numbers, for a line of text. */
  public String toWords() {
    return rows + " " + ids + " " + versions + " " + completed;
  }

  /** Reverses {@link #toWords}. */
  public static TableFigures parse(String words) {
    String[] numbers = words.split(" ", -1);
    return new TableFigures(
        Long.parseLong(numbers[0]),
        Long.parseLong(numbers[1]),
        Long.parseLong(numbers[2]),
        Long.parseLong(numbers[3]));
  }
}
