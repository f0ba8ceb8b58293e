package dev.millrace.view;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
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
 * Makes queries of the SQL that a view can keep, in words that Spark and Postgres share. Columns
 * whose values are only equal within a tolerance are named {@code moment…} (variance and standard
 * deviation), {@code mean…} (averages, exact in Spark, and rounded by each database as it does) and
 * {@code zero…} (either zero, where both are the least or the greatest). What other databases don't
 * have, or order in another way, is named {@code own…}.
 */
final class RandomQuery {

  private final Random random;
  private final StructField[] fields;
  private final boolean isJoined;
  private final RandomQuery values;
  private int names;

  /**
   * @param lookups that every query is joined with, where there are some
   * @param values what aggregates over values are drawn from: the rest of a query does not depend
   *     on it
   */
  RandomQuery(Random random, StructType columns, Map<String, StructType> lookups, Random values) {
    this(random, columns, lookups, new RandomQuery(values, columns, lookups, (RandomQuery) null));
  }

  private RandomQuery(
      Random random, StructType columns, Map<String, StructType> lookups, RandomQuery values) {
    this.values = values;
    this.random = random;
    this.isJoined = !lookups.isEmpty();
    this.fields =
        Stream.concat(
                Arrays.stream(columns.fields()),
                lookups.values().stream().flatMap(lookup -> Arrays.stream(lookup.fields())))
            .toArray(StructField[]::new);
  }

  /**
   * A query in its parts, so that a failure can be told with fewer of them.
   *
   * @param with a CTE, or empty
   * @param items what is selected
   * @param where a condition, or empty
   * @param groupBy expressions
   * @param having a condition, or empty
   * @param around what the query becomes a subquery of, {@code %s} in its place; or empty
   */
  record Query(
      String with,
      boolean isDistinct,
      List<String> items,
      String from,
      String where,
      List<String> groupBy,
      String having,
      String around) {

    Query {
      items = List.copyOf(items);
      groupBy = List.copyOf(groupBy);
    }

    String sql() {
      String select =
          "SELECT "
              + (isDistinct ? "DISTINCT " : "")
              + String.join(", ", items)
              + " FROM "
              + from
              + (where.isEmpty() ? "" : " WHERE " + where)
              + (groupBy.isEmpty() ? "" : " GROUP BY " + String.join(", ", groupBy))
              + (having.isEmpty() ? "" : " HAVING " + having);
      return (with.isEmpty() ? "" : "WITH " + with + " ")
          + (around.isEmpty() ? select : around.replace("%s", "(" + select + ")"));
    }

    /** The same with a part less, each in turn. Not all of them are valid. */
    List<Query> simpler() {
      List<Query> simpler = new ArrayList<>();
      if (!around.isEmpty()) {
        simpler.add(new Query(with, isDistinct, items, from, where, groupBy, having, ""));
      }
      if (!having.isEmpty()) {
        simpler.add(new Query(with, isDistinct, items, from, where, groupBy, "", around));
      }
      if (!where.isEmpty()) {
        simpler.add(new Query(with, isDistinct, items, from, "", groupBy, having, around));
      }
      if (with.isEmpty() && !from.equals("t")) {
        simpler.add(new Query(with, isDistinct, items, "t", where, groupBy, having, around));
      }
      for (int i = 0; i < items.size() && items.size() > 1; i++) {
        List<String> fewer = new ArrayList<>(items);
        String item = fewer.remove(i);
        List<String> keys =
            groupBy.stream()
                .filter(key -> !item.equals(key) && !item.startsWith(key + " AS"))
                .toList();
        simpler.add(new Query(with, isDistinct, fewer, from, where, keys, having, around));
      }
      return simpler;
    }
  }

  Query next() {
    names = 0;
    return switch (random.nextInt(12)) {
      case 0 -> plain(List.of("*"), "");
      case 1, 2 -> plain(with("id", values(2)), where());
      case 3 -> plain(values(2), where());
      case 4 ->
          new Query("", true, groups(1 + random.nextInt(2)), from(), where(), List.of(), "", "");
      case 5 -> plain(aggregates(3), where());
      case 6 -> having();
      case 7 -> cte();
      case 8 -> around();
      default -> grouped(from(), where(), "");
    };
  }

  /**
   * A query with grouping sets, UNION, a row for each element of an array, ORDER BY with LIMIT, or
   * an aggregate of an aggregate.
   */
  Query nextOfSets() {
    names = 0;
    return switch (random.nextInt(16)) {
      case 8, 9 -> top("SELECT * FROM %s AS q ", "");
      case 10 -> top("SELECT count(*) AS n, sum(v1) AS s FROM (SELECT * FROM %s AS p ", ") AS q");
      case 11, 12 -> numbered();
      case 13 ->
          ofGroups("SELECT * FROM %s AS q ORDER BY ownn" + direction() + " LIMIT " + limit());
      case 14 -> ofGroups("SELECT ownn, count(*) AS m, max(ownn) AS x FROM %s AS q GROUP BY ownn");
      case 15 ->
          ofGroups(
              "SELECT count(*) AS m, sum(ownn) AS s, min(ownn) AS x FROM (SELECT * FROM %s AS p WHERE ownn > 1) AS q");
      case 0, 1, 2 -> groupingSets();
      case 3 -> new Query("", false, List.of("*"), union("ALL"), unionWhere(), List.of(), "", "");
      case 4 -> new Query("", false, List.of("*"), union(""), unionWhere(), List.of(), "", "");
      case 5 -> {
        List<String> items = List.of("v0 AS k", "count(*) AS n", "sum(v1) AS s", "max(v2) AS m");
        String having = random.nextBoolean() ? "" : "count(*) > 1";
        yield new Query("", false, items, union("ALL"), unionWhere(), List.of("v0"), having, "");
      }
      default -> exploded();
    };
  }

  /** A query that compares with now(), around {@link RandomViews#BEGAN}. */
  Query nextOfTime() {
    names = 0;
    return switch (random.nextInt(8)) {
      case 0 -> plain(with("id", values(2)), moment());
      case 1 -> plain(with("id", values(1)), moment() + " AND " + condition());
      case 2 -> plain(with("id", values(1)), "NOT (" + moment() + ") OR " + moment());
      case 3 ->
          plain(List.of("id", "CASE WHEN " + moment() + " THEN 'in' ELSE txt END AS owntext"), "");
      case 4 ->
          new Query(
              "",
              false,
              List.of("count(*) AS n", "sum(num) FILTER (WHERE " + moment() + ") AS s"),
              table(),
              where(),
              List.of(),
              "",
              "");
      case 5 -> top(moment());
      default -> grouped(from(), moment(), "");
    };
  }

  private Query top(String where) {
    List<String> items = List.of("id", "num AS v1");
    String around = "SELECT * FROM %s AS q ORDER BY v1" + direction() + ", id LIMIT " + limit();
    return new Query("", false, items, table(), where, List.of(), "", around);
  }

  /** A comparison that changes within the minutes or days that the batches of a test take. */
  private String moment() {
    String operator = List.of("<", "<=", ">", ">=", "=").get(random.nextInt(5));
    return switch (random.nextInt(6)) {
      case 0 ->
          "date_add(DATE '%s', num) %s current_date()"
              .formatted(RandomViews.BEGAN.substring(0, 10), operator);
      case 1 -> minutes() + " " + operator + " date_trunc('MINUTE', now())";
      case 2 -> "now() " + operator + " " + minutes();
      default -> minutes() + " " + operator + " now() - INTERVAL " + random.nextInt(9) + " MINUTES";
    };
  }

  private String minutes() {
    return "(TIMESTAMP '%s' + make_dt_interval(0, 0, coalesce(num, %d)))"
        .formatted(RandomViews.BEGAN, random.nextInt(9));
  }

  private String direction() {
    return List.of(" NULLS FIRST", " NULLS LAST", " DESC NULLS FIRST", " DESC NULLS LAST")
        .get(random.nextInt(4));
  }

  private int limit() {
    return 1 + random.nextInt(4);
  }

  private Query top(String around, String end) {
    List<String> items = List.of("id", scalar() + " AS v0", "num AS v1");
    boolean isByText = random.nextInt(3) == 0;
    String order =
        (isByText ? "v0" : "v1") + direction() + (random.nextBoolean() ? ", id" : ", id DESC");
    // Other databases order texts in their own way.
    List<String> named = isByText ? with("id AS ownid", items) : items;
    return new Query(
        "",
        false,
        named,
        from(),
        where(),
        List.of(),
        "",
        around + "ORDER BY " + order + " LIMIT " + limit() + end);
  }

  private Query numbered() {
    String rows =
        "(SELECT id, txt AS v0, num AS v1, row_number() OVER (PARTITION BY %s ORDER BY num%s, id) AS place FROM %s) AS q"
            .formatted(random.nextBoolean() ? "txt" : "num % 2", direction(), from());
    String bound =
        List.of("place <= 2", "place < 3 AND v1 > 0", "place = 1").get(random.nextInt(3));
    return random.nextBoolean()
        ? new Query("", false, List.of("*"), rows, bound, List.of(), "", "")
        : new Query("", false, List.of("v0", "count(*) AS n"), rows, bound, List.of("v0"), "", "");
  }

  private Query ofGroups(String around) {
    Query inner = grouped(table(), where(), "");
    List<String> items = with("count(*) AS ownn", inner.items());
    return new Query("", false, items, inner.from(), inner.where(), inner.groupBy(), "", around);
  }

  private Query groupingSets() {
    String first = groupKey();
    String second = groupKey();
    if (second.equals(first)) {
      second = first.equals("num") ? "txt" : "num";
    }
    String sets =
        switch (random.nextInt(5)) {
          case 0 -> "CUBE (%s, %s)";
          case 1 -> "GROUPING SETS ((%1$s, %2$s), (%2$s), ())";
          case 2 -> "GROUPING SETS ((%s), (%s))";
          default -> "ROLLUP (%s, %s)";
        };
    List<String> items = new ArrayList<>();
    items.add(first + " AS g0");
    items.add(second + " AS g1");
    items.add("grouping_id() AS owng2");
    items.addAll(aggregates(2));
    List<String> groupBy = List.of(sets.formatted(first, second));
    return new Query("", false, items, from(), where(), groupBy, "", "");
  }

  private String union(String all) {
    List<String> parts = new ArrayList<>();
    for (int i = 2 + random.nextInt(2); i > 0; i--) {
      String text = List.of("txt", "upper(txt)", "coalesce(txt, 'none')").get(random.nextInt(3));
      String number = List.of("num", "num + 1", "abs(num)").get(random.nextInt(3));
      String where = where();
      parts.add(
          "SELECT id, %s AS v0, %s AS v1, %d AS v2 FROM %s%s"
              .formatted(text, number, i, from(), where.isEmpty() ? "" : " WHERE " + where));
    }
    return "(" + String.join(all.isEmpty() ? " UNION " : " UNION ALL ", parts) + ") AS u";
  }

  private String unionWhere() {
    return random.nextBoolean() ? "" : "v1 > 1 OR v0 = 'a'";
  }

  private Query exploded() {
    String array = columnOrNull(type -> type instanceof ArrayType);
    if (array == null || random.nextInt(3) == 0) {
      array = "array(num, num % 3, 1)";
    }
    String from =
        "%s LATERAL VIEW %sexplode(%s) x AS e"
            .formatted(table(), random.nextBoolean() ? "OUTER " : "", array);
    return random.nextBoolean()
        ? new Query("", false, List.of("id", "e AS owne"), from, where(), List.of(), "", "")
        : new Query(
            "", false, with("e AS owne", aggregates(2)), from, where(), List.of("e"), "", "");
  }

  private Query plain(List<String> items, String where) {
    return new Query("", false, items, from(), where, List.of(), "", "");
  }

  private static List<String> with(String first, List<String> others) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(others);
    return all;
  }

  /** The table; where there are lookups, all their columns are there, too. */
  private String table() {
    if (!isJoined) {
      return "t";
    }
    String first =
        switch (random.nextInt(6)) {
          case 0 -> "t JOIN l ON t.num = l.ln";
          case 1 -> "t LEFT JOIN l ON txt = lt AND (lv > num OR lv IS NULL)";
          case 2 -> "l JOIN t ON num % 4 = ln";
          case 3 -> "t LEFT JOIN (SELECT * FROM l WHERE lv > 0) AS l ON coalesce(num, 1) = ln";
          case 4 -> "t JOIN l ON num IS NOT DISTINCT FROM ln AND txt = lt";
          default -> "t LEFT JOIN l ON num = ln AND num > 2";
        };
    String second =
        switch (random.nextInt(4)) {
          case 0 -> "LEFT JOIN m ON lt = mt";
          case 1 -> "LEFT JOIN m ON mt = txt AND mv = lv";
          case 2 -> "JOIN m ON mv = num";
          default -> "LEFT JOIN m ON upper(mt) = upper(txt)";
        };
    return "(SELECT * FROM " + first + " " + second + ") AS t";
  }

  private String from() {
    return switch (random.nextInt(6)) {
      case 0 -> "(SELECT * FROM " + table() + " WHERE " + condition() + ") AS s";
      case 1 -> "(SELECT *, num * 2 AS twice FROM " + table() + ") AS s";
      case 2 ->
          "(SELECT * FROM (SELECT * FROM "
              + table()
              + " WHERE "
              + condition()
              + ") AS r WHERE "
              + condition()
              + ") AS s";
      default -> table();
    };
  }

  private Query grouped(String from, String where, String having) {
    List<String> keys = new ArrayList<>();
    List<String> items = new ArrayList<>();
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      String key = groupKey();
      keys.add(key);
      items.add(key + " AS " + name("g"));
    }
    items.addAll(aggregates(3));
    return new Query("", false, items, from, where, keys, having, "");
  }

  private Query having() {
    return grouped(table(), where(), groupCondition());
  }

  private String groupCondition() {
    String condition =
        switch (random.nextInt(5)) {
          case 0 -> "sum(num) > " + random.nextInt(9);
          case 1 -> "sum(num) IS NULL OR count(*) = 2";
          case 2 -> "bool_or(" + condition() + ")";
          default -> "count(*) > " + random.nextInt(4);
        };
    return switch (values.random.nextInt(8)) {
      case 0 -> "(" + condition + ") AND max(num) > 0";
      case 1 -> condition + " OR count(DISTINCT txt) > 2";
      default -> condition;
    };
  }

  private Query cte() {
    String key = scalar();
    String with =
        random.nextBoolean()
            ? "s AS (SELECT " + key + " AS k, * FROM " + table() + ")"
            : "r AS (SELECT * FROM "
                + table()
                + " WHERE "
                + condition()
                + "), s AS (SELECT "
                + key
                + " AS k, * FROM r)";
    List<String> items = with("k", aggregates(2));
    return new Query(with, false, items, "s", where(), List.of("k"), "", "");
  }

  /** A GROUP BY in FROM. */
  private Query around() {
    Query inner = grouped(table(), where(), "");
    List<String> items = with("count(*) AS n", inner.items());
    String around =
        random.nextBoolean()
            ? "SELECT * FROM %s AS q WHERE n > " + random.nextInt(3)
            : "SELECT n + 1 AS more, q.* FROM %s AS q WHERE n <> 1";
    return new Query("", false, items, inner.from(), inner.where(), inner.groupBy(), "", around);
  }

  private List<String> groups(int count) {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      keys.add(groupKey() + " AS " + name("g"));
    }
    return keys;
  }

  private List<String> values(int count) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(scalar() + " AS " + name("v"));
    }
    return values;
  }

  private String name(String prefix) {
    return prefix + names++;
  }

  private String where() {
    return random.nextInt(3) == 0 ? "" : condition();
  }

  private List<String> aggregates(int count) {
    List<String> aggregates = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      aggregates.add(aggregate());
      if (values.random.nextInt(3) == 0) {
        aggregates.add(values.valueAggregate() + names++);
      }
    }
    return aggregates;
  }

  /** An aggregate that keeps values, and the name of its column but for a number. */
  private String valueAggregate() {
    String filter = random.nextInt(3) == 0 ? " FILTER (WHERE " + condition() + ")" : "";
    return switch (random.nextInt(12)) {
      case 0 ->
          (random.nextBoolean() ? "min(" : "max(")
              + List.of("num % 3", "upper(txt)", "-num", "coalesce(txt, 'none')")
                  .get(random.nextInt(4))
              + ")"
              + filter
              + " AS x";
      case 1, 2 ->
          "count(DISTINCT " + column(type -> !(type instanceof MapType)) + ")" + filter + " AS x";
      case 3 -> "sum(DISTINCT " + number() + ")" + filter + " AS x";
      case 4 -> "avg(DISTINCT " + number() + ")" + filter + " AS meanx";
      case 5 -> "count(DISTINCT txt, " + number() + ")" + filter + " AS ownx";
      case 6 ->
          (random.nextBoolean() ? "min_by(" : "max_by(")
              + column(type -> !(type instanceof MapType || isFloating(type)))
              + ", "
              + column(type -> !(type instanceof MapType || isFloating(type)))
              + ")"
              + filter
              + " AS ownx";
      case 7 -> "count(DISTINCT CASE WHEN " + condition() + " THEN num % 4 END)" + filter + " AS x";
      default -> extreme(filter);
    };
  }

  private static boolean isFloating(DataType type) {
    return type instanceof DoubleType || type instanceof FloatType;
  }

  private String extreme(String filter) {
    List<StructField> columns =
        Arrays.stream(fields).filter(field -> !(field.dataType() instanceof MapType)).toList();
    StructField column = columns.get(random.nextInt(columns.size()));
    DataType type = column.dataType();
    String name = "x";
    if (isFloating(type)) {
      name = "zerox";
    } else if (type instanceof BooleanType
        || type instanceof BinaryType
        || type instanceof ArrayType) {
      name = "ownx";
    }
    String function = random.nextBoolean() ? "min(" : "max(";
    return function + column.name() + ")" + filter + " AS " + name;
  }

  private String aggregate() {
    String filter = random.nextInt(3) == 0 ? " FILTER (WHERE " + condition() + ")" : "";
    String column = column(type -> true);
    return switch (random.nextInt(15)) {
      case 0 -> "count(*)" + filter + " AS " + name("a");
      case 1 -> "count(" + column + ")" + filter + " AS " + name("a");
      case 2, 3, 4 -> "sum(" + number() + ")" + filter + " AS " + name("a");
      case 5, 6 -> "avg(" + number() + ")" + filter + " AS " + name("mean");
      case 7 -> "sum(CASE WHEN " + column + " IS NULL THEN 1 ELSE 0 END) AS " + name("a");
      case 8 -> "bool_and(" + condition() + ")" + filter + " AS " + name("a");
      case 9 -> "bool_or(" + condition() + ")" + filter + " AS " + name("a");
      case 10 -> interval(filter);
      case 11 -> "count_if(" + condition() + ")" + filter + " AS " + name("a");
      case 12 -> "coalesce(sum(num)" + filter + ", 0) + count(*) AS " + name("a");
      default -> {
        String function =
            List.of("stddev", "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp")
                .get(random.nextInt(6));
        yield function + "(" + number() + ")" + filter + " AS " + name("moment");
      }
    };
  }

  private String interval(String filter) {
    String column = columnOrNull(type -> type instanceof DayTimeIntervalType);
    if (column == null) {
      return "bool_and(num < 8)" + filter + " AS " + name("a");
    }
    return random.nextBoolean()
        ? "sum(" + column + ")" + filter + " AS " + name("a")
        : "avg(" + column + ")" + filter + " AS " + name("mean");
  }

  /** A number whose sums are exact in a double where it is one; never a wide BIGINT's product. */
  private String number() {
    String column = column(type -> type instanceof NumericType && !(type instanceof LongType));
    return switch (random.nextInt(8)) {
      case 0 -> "num % 3";
      case 1 -> "coalesce(" + column + ", 0)";
      case 2 -> column + " * 2";
      case 3 -> "CASE WHEN " + condition() + " THEN num END";
      case 4 -> "num + nullif(num, 2)";
      case 5 -> "-" + column;
      default -> column;
    };
  }

  private String scalar() {
    String text = column(type -> type instanceof StringType);
    return switch (random.nextInt(15)) {
      case 0 -> "upper(" + text + ")";
      case 1 -> text + " || '-' || CAST(num AS VARCHAR(10))";
      case 2 -> "length(" + text + ")";
      case 3 -> "num + 1";
      case 4 -> "coalesce(txt, 'none')";
      case 5 -> "CASE WHEN " + condition() + " THEN txt ELSE 'other' END";
      case 6 -> dated();
      case 7 -> "nullif(num, 3)";
      case 8 -> "substring(" + text + ", 1, 1)";
      case 9 -> "CASE txt WHEN 'a' THEN 1 WHEN 'b' THEN 2 END";
      case 10 -> "greatest(num, 3)";
      default -> column(type -> !(type instanceof MapType));
    };
  }

  private String dated() {
    String date = columnOrNull(type -> type instanceof DateType);
    if (date != null) {
      return "extract(MONTH FROM " + date + ")";
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
    String number = column(type -> type instanceof NumericType);
    return switch (random.nextInt(13)) {
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
      case 10 -> "num IS DISTINCT FROM 3";
      case 11 -> "num <= " + number;
      default -> array == null ? "num IS NOT DISTINCT FROM NULL" : "cardinality(" + array + ") > 1";
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
