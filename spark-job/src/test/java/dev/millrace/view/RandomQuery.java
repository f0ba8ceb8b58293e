package dev.millrace.view;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/**
 * Makes queries of the SQL that a view can keep. Columns whose values are only equal within a
 * tolerance, variance and standard deviation, are named {@code moment…}.
 */
final class RandomQuery {

  private final Random random;
  private final StructField[] fields;
  private int names;

  RandomQuery(Random random, StructType columns) {
    this.random = random;
    this.fields = columns.fields();
  }

  String next() {
    names = 0;
    return switch (random.nextInt(10)) {
      case 0 -> "SELECT * FROM " + from();
      case 1, 2 -> "SELECT id, " + values(2) + " FROM " + from() + where();
      case 3 -> "SELECT " + values(2) + " FROM " + from() + where();
      case 4 -> "SELECT DISTINCT " + groups(2) + " FROM " + from() + where();
      case 5 -> "SELECT " + aggregates(3) + " FROM " + from() + where();
      case 6 -> having();
      default -> grouped(where());
    };
  }

  private String from() {
    return switch (random.nextInt(5)) {
      case 0 -> "(SELECT * FROM t WHERE " + condition() + ") AS s";
      case 1 -> "(SELECT *, num * 2 AS twice FROM t) AS s";
      default -> "t";
    };
  }

  private String grouped(String where) {
    if (random.nextInt(4) == 0) {
      String key = scalar();
      return "WITH s AS (SELECT "
          + key
          + " AS k, * FROM t) SELECT k, "
          + aggregates(2)
          + " FROM s"
          + where
          + " GROUP BY k";
    }
    int count = 1 + random.nextInt(2);
    List<String> keys = new ArrayList<>();
    List<String> selected = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String key = groupKey();
      keys.add(key);
      selected.add(key + " AS " + name("g"));
    }
    return "SELECT "
        + String.join(", ", selected)
        + ", "
        + aggregates(3)
        + " FROM "
        + from()
        + where
        + " GROUP BY "
        + String.join(", ", keys);
  }

  private String having() {
    String key = groupKey();
    String having =
        random.nextBoolean()
            ? "count(*) > " + random.nextInt(4)
            : "sum(num) > " + random.nextInt(9);
    return "SELECT "
        + key
        + " AS g, "
        + aggregates(2)
        + " FROM t"
        + where()
        + " GROUP BY "
        + key
        + " HAVING "
        + having;
  }

  private String groups(int count) {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      keys.add(groupKey() + " AS " + name("g"));
    }
    return String.join(", ", keys);
  }

  private String values(int count) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(scalar() + " AS " + name("v"));
    }
    return String.join(", ", values);
  }

  private String name(String prefix) {
    return prefix + names++;
  }

  private String where() {
    return random.nextInt(3) == 0 ? "" : " WHERE " + condition();
  }

  private String aggregates(int count) {
    List<String> aggregates = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      aggregates.add(aggregate());
    }
    return String.join(", ", aggregates);
  }

  private String aggregate() {
    String filter = random.nextInt(3) == 0 ? " FILTER (WHERE " + condition() + ")" : "";
    String column = column(type -> true);
    String numeric = number();
    String call =
        switch (random.nextInt(12)) {
          case 0 -> "count(*)";
          case 1 -> "count(" + column + ")";
          case 2, 3, 4 -> "sum(" + numeric + ")";
          case 5, 6 -> "avg(" + number() + ")";
          case 7 -> "sum(CASE WHEN " + column + " IS NULL THEN 1 ELSE 0 END)";
          case 8 -> "bool_and(" + condition() + ")";
          case 9 -> "bool_or(" + condition() + ")";
          case 10 -> interval("sum");
          default -> {
            String function =
                List.of("stddev", "stddev_pop", "variance", "var_pop").get(random.nextInt(4));
            yield function + "(" + number() + ")" + filter + " AS " + name("moment");
          }
        };
    return call.contains(" AS moment") ? call : call + filter + " AS " + name("a");
  }

  private String interval(String function) {
    String column = columnOrNull(type -> type instanceof DayTimeIntervalType);
    return column == null
        ? "count_if(" + condition() + ")"
        : (random.nextBoolean() ? function : "avg") + "(" + column + ")";
  }

  /** A number whose sums are exact in a double where it is one; never a wide BIGINT's product. */
  private String number() {
    String column = column(type -> type instanceof NumericType && !(type instanceof LongType));
    return switch (random.nextInt(6)) {
      case 0 -> "num % 3";
      case 1 -> "coalesce(" + column + ", 0)";
      case 2 -> column + " * 2";
      case 3 -> "CASE WHEN " + condition() + " THEN num END";
      default -> column;
    };
  }

  private String scalar() {
    String text = column(type -> type instanceof StringType);
    return switch (random.nextInt(12)) {
      case 0 -> "upper(" + text + ")";
      case 1 -> "concat(" + text + ", '-', num)";
      case 2 -> "length(" + text + ")";
      case 3 -> "num + 1";
      case 4 -> "coalesce(txt, 'none')";
      case 5 -> "CASE WHEN " + condition() + " THEN txt ELSE 'other' END";
      case 6 -> dated();
      case 7 -> "nullif(num, 3)";
      case 8 -> "substring(" + text + ", 1, 1)";
      default -> column(type -> !(type instanceof MapType));
    };
  }

  private String dated() {
    String date = columnOrNull(type -> type instanceof DateType);
    if (date != null) {
      return "month(" + date + ")";
    }
    String time = columnOrNull(type -> type instanceof TimestampType);
    return time == null ? "abs(num)" : "date_trunc('hour', " + time + ")";
  }

  private String groupKey() {
    return random.nextBoolean() ? column(type -> !(type instanceof MapType)) : scalar();
  }

  private String condition() {
    String column = column(type -> true);
    String bool = columnOrNull(type -> type instanceof BooleanType);
    String floating = columnOrNull(type -> type instanceof DoubleType || type instanceof FloatType);
    String array = columnOrNull(type -> type instanceof ArrayType);
    return switch (random.nextInt(11)) {
      case 0 -> column + " IS NULL";
      case 1 -> column + " IS NOT NULL";
      case 2 -> "num > " + (random.nextInt(10) - 5);
      case 3 -> "txt IN ('a', 'b')";
      case 4 -> "txt LIKE 'a%'";
      case 5 -> "(" + condition() + " OR num = 3)";
      case 6 -> "(num < 5 AND " + condition() + ")";
      case 7 -> "NOT (" + condition() + ")";
      case 8 -> bool == null ? "num BETWEEN -3 AND 4" : bool;
      case 9 -> floating == null ? "txt <> ''" : floating + " < 20";
      default -> array == null ? "num <=> NULL" : "size(" + array + ") > 1";
    };
  }

  private String column(Predicate<DataType> wanted) {
    String column = columnOrNull(wanted);
    return column == null ? "num" : column;
  }

  private String columnOrNull(Predicate<DataType> wanted) {
    List<String> columns =
        Arrays.stream(fields)
            .filter(field -> wanted.test(field.dataType()))
            .map(StructField::name)
            .toList();
    return columns.isEmpty() ? null : columns.get(random.nextInt(columns.size()));
  }
}
