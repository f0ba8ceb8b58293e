package dev.millrace.pipeline;

import dev.millrace.view.plan.ViewPlan;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.StructType;

/**
 * Two results of one view, compared by key and value. Immutable.
 *
 * <p>Numbers are equal if they are the same number; doubles within an error that is allowed.
 *
 * @param batchId the batch after which the view has its result
 * @param other the result that the view's is compared with
 * @param differences in the order of the view's rows, then those that only the other result has
 */
public record ViewComparison(
    String view,
    long batchId,
    List<String> columns,
    Result kept,
    Result other,
    List<Difference> differences) {

  /** Postgres rounds a sum of doubles with each row, in the order in which it finds them. */
  public static final double ERROR_OF_SUMS = 1e-9;

  /** The rows of a result, their values as they are compared. */
  public record Result(List<List<Object>> rows) {

    /** The rows of Spark. */
    public static Result of(List<Row> rows) {
      return new Result(
          rows.stream()
              .map(row -> IntStream.range(0, row.length()).mapToObj(row::get).toList())
              .map(Result::comparable)
              .toList());
    }

    /** The rows of another database, its values read as those of Spark's types. */
    public static Result of(List<List<Object>> rows, StructType type) {
      return new Result(
          rows.stream()
              .map(
                  row ->
                      IntStream.range(0, row.size())
                          .mapToObj(i -> typed(row.get(i), type.fields()[i].dataType()))
                          .toList())
              .map(Result::comparable)
              .toList());
    }

    private static List<Object> comparable(List<Object> row) {
      List<Object> values = new ArrayList<>();
      row.forEach(value -> values.add(ViewComparison.comparable(value)));
      return values;
    }
  }

  /**
   * The rows of a key that differ.
   *
   * @param kept those that the view has
   * @param other those that the other result has
   */
  public record Difference(List<List<Object>> kept, List<List<Object>> other) {}

  /**
   * Compares two results.
   *
   * @param maxRelativeError of doubles
   */
  public static ViewComparison of(
      ViewPlan plan, long batchId, Result kept, Result other, double maxRelativeError) {
    List<String> columns = List.of(plan.result().fieldNames());
    List<String> key = plan.isKeyed() ? plan.key() : columns;
    int[] ordinals = key.stream().mapToInt(columns::indexOf).toArray();
    return new ViewComparison(
        plan.name(),
        batchId,
        columns,
        sorted(kept, ordinals),
        sorted(other, ordinals),
        differences(kept, other, ordinals, maxRelativeError));
  }

  /** In the order of the key: numbers as numbers, everything else as text, nulls first. */
  private static Result sorted(Result result, int[] key) {
    Comparator<List<Object>> order = Comparator.comparing(row -> 0);
    for (int ordinal : key) {
      order =
          order.thenComparing(
              row -> row.get(ordinal), Comparator.nullsFirst(ViewComparison::compared));
    }
    return new Result(result.rows().stream().sorted(order).toList());
  }

  private static int compared(Object left, Object right) {
    return left instanceof BigDecimal a && right instanceof BigDecimal b
        ? a.compareTo(b)
        : text(left).compareTo(text(right));
  }

  /** Whether no row differs. */
  public boolean areEqual() {
    return differences.isEmpty();
  }

  private static List<Difference> differences(
      Result kept, Result other, int[] key, double maxRelativeError) {
    Map<List<Object>, List<List<Object>>> ours = byKey(kept, key);
    Map<List<Object>, List<List<Object>>> theirs = byKey(other, key);
    Set<List<Object>> keys = new LinkedHashSet<>(ours.keySet());
    keys.addAll(theirs.keySet());
    List<Difference> differences = new ArrayList<>();
    for (List<Object> each : keys) {
      List<List<Object>> left = ours.getOrDefault(each, List.of());
      List<List<Object>> right = theirs.getOrDefault(each, List.of());
      boolean areEqual =
          left.size() == right.size()
              && IntStream.range(0, left.size())
                  .allMatch(i -> equal(left.get(i), right.get(i), maxRelativeError));
      if (!areEqual) {
        differences.add(new Difference(left, right));
      }
    }
    return differences;
  }

  private static Map<List<Object>, List<List<Object>>> byKey(Result result, int[] key) {
    Map<List<Object>, List<List<Object>>> byKey = new HashMap<>();
    for (List<Object> row : result.rows()) {
      List<Object> values = new ArrayList<>();
      Arrays.stream(key).forEach(ordinal -> values.add(row.get(ordinal)));
      byKey.computeIfAbsent(values, first -> new ArrayList<>()).add(row);
    }
    return byKey;
  }

  private static boolean equal(Object left, Object right, double maxRelativeError) {
    if (left instanceof List<?> a && right instanceof List<?> b) {
      return a.size() == b.size()
          && IntStream.range(0, a.size())
              .allMatch(i -> equal(a.get(i), b.get(i), maxRelativeError));
    }
    if (left instanceof Double a && right instanceof Double b) {
      return a.equals(b)
          || Math.abs(a - b) <= maxRelativeError * Math.max(Math.abs(a), Math.abs(b));
    }
    return left == null ? right == null : left.equals(right);
  }

  /** A value of a driver as one of the type's: Postgres counts and averages in numeric, say. */
  private static Object typed(Object value, DataType type) {
    if (value instanceof Number number) {
      if (type.equals(DataTypes.DoubleType) || type.equals(DataTypes.FloatType)) {
        return type.equals(DataTypes.FloatType)
            ? (Object) number.floatValue()
            : number.doubleValue();
      }
      return new BigDecimal(number.toString());
    }
    if (value == null || value instanceof Instant || value instanceof LocalDate) {
      return value;
    }
    if (type instanceof DayTimeIntervalType && value instanceof String text) {
      return Duration.parse(text);
    }
    if (type.equals(DataTypes.StringType)) {
      return value.toString();
    }
    return value;
  }

  /** Values that are equal where they mean the same. */
  private static Object comparable(Object value) {
    if (value instanceof Float single) {
      return Double.valueOf(single.toString());
    }
    if (value instanceof Double number) {
      return number == 0 ? (Object) 0.0 : number;
    }
    if (value instanceof Number number) {
      BigDecimal decimal = new BigDecimal(number.toString());
      return decimal.signum() == 0 ? BigDecimal.ZERO : decimal.stripTrailingZeros();
    }
    if (value instanceof java.sql.Timestamp time) {
      return time.toInstant();
    }
    if (value instanceof java.sql.Date date) {
      return date.toLocalDate();
    }
    if (value instanceof byte[] bytes) {
      return "\\x" + java.util.HexFormat.of().formatHex(bytes);
    }
    if (value instanceof scala.collection.Seq<?> sequence) {
      return comparable(scala.collection.JavaConverters.seqAsJavaList(sequence));
    }
    if (value instanceof scala.collection.Map<?, ?> map) {
      return new TreeMap<>(scala.collection.JavaConverters.mapAsJavaMap(map));
    }
    if (value instanceof List<?> list) {
      List<Object> values = new ArrayList<>();
      list.forEach(each -> values.add(comparable(each)));
      return values;
    }
    return value;
  }

  /** A value for a person to read. */
  public static String text(Object value) {
    return value instanceof BigDecimal decimal ? decimal.toPlainString() : value.toString();
  }
}
