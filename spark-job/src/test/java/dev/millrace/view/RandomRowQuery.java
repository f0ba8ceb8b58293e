package dev.millrace.view;

import dev.millrace.view.RandomQuery.Query;
import java.util.List;
import java.util.Random;

/**
 * Makes queries whose rows depend on other rows of the table: window functions, aggregates of all
 * values, joins of the table with itself, EXISTS and IN. The columns are named as {@link
 * RandomQuery} names them.
 */
final class RandomRowQuery {

  private final Random random;

  RandomRowQuery(Random random) {
    this.random = random;
  }

  Query next() {
    return switch (random.nextInt(16)) {
      case 0, 1, 2 -> query(List.of("id", "num AS v0", window() + " AS w0", ownWindow()), "t");
      case 3 -> rankedBelow();
      case 4 -> overWindow();
      case 5 -> collected();
      case 6 -> percentiles();
      case 7, 8 -> joined();
      case 9 -> query(List.of("id", "num AS v0", "txt AS v1"), "t WHERE " + exists());
      case 10 -> query(List.of("id", "num AS v0"), "t WHERE " + in());
      case 11 -> query(List.of("id", "v1", "n"), ofGroups());
      case 12 -> query(List.of("id", "num AS v0"), "t WHERE num = " + ofItsGroup());
      case 13 -> query(List.of("*"), "(" + part() + setOperator() + part() + ") AS u");
      case 14 -> joinedTwice();
      default -> overJoin();
    };
  }

  private static Query query(List<String> items, String from) {
    return new Query("", false, items, from, "", List.of(), "", "");
  }

  private <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private String condition() {
    return any(
        List.of(
            "num > 1",
            "num IS NULL",
            "txt IN ('a', 'b')",
            "num % 2 = 0",
            "txt IS NOT NULL",
            "num BETWEEN -2 AND 3"));
  }

  private String from() {
    return random.nextInt(3) == 0 ? "(SELECT * FROM t WHERE " + condition() + ") AS s" : "t";
  }

  private String partition() {
    return any(List.of("PARTITION BY txt ", "PARTITION BY num % 3 ", "PARTITION BY txt, num % 2 "));
  }

  private String order() {
    return "ORDER BY num" + any(List.of(" NULLS FIRST", " DESC NULLS LAST", " NULLS LAST"));
  }

  /** The same in every database: where rows are equal in the order, it makes no difference. */
  private String window() {
    String peers = partition() + order();
    String total = peers + ", id";
    return any(List.of(
            "rank() OVER (%s)",
            "dense_rank() OVER (%s)",
            "count(*) OVER (%s)",
            "sum(num) OVER (%s)",
            "max(num) OVER (%3$s)",
            "cume_dist() OVER (%s)",
            "row_number() OVER (%2$s)",
            "ntile(3) OVER (%2$s)",
            "lag(num) OVER (%2$s)",
            "lead(num, 2, -7) OVER (%2$s)",
            "first_value(num) OVER (%2$s)",
            "sum(num) OVER (%2$s ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)",
            "min(num) OVER (%2$s ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING)",
            "count(*) OVER (%2$s ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"))
        .formatted(peers, total, partition());
  }

  /** Where rows are equal in the order, the other columns decide. */
  private String ownWindow() {
    String peers = partition() + order();
    return any(List.of(
            "lag(num) OVER (%s) AS ownw",
            "last_value(id) OVER (%s) AS ownw",
            "row_number() OVER (%s) AS ownw",
            "sum(num) OVER (ORDER BY txt, id ROWS 3 PRECEDING) AS ownw",
            "collect_list(num) OVER (%s) AS ownw",
            "avg(num) OVER (%s ROWS 2 PRECEDING) AS ownw"))
        .formatted(peers);
  }

  private Query rankedBelow() {
    String ranked =
        "(SELECT id, txt AS v0, %s OVER (%s%s) AS place FROM %s) AS q"
            .formatted(any(List.of("rank()", "dense_rank()")), partition(), order(), from());
    return new Query("", false, List.of("*"), ranked, "place <= 2", List.of(), "", "");
  }

  private Query overWindow() {
    String rows = "(SELECT txt, num, %s AS w FROM %s) AS q".formatted(window(), from());
    List<String> items = List.of("txt AS k", "count(*) AS n", "max(w) AS m", "count(w) AS c");
    return new Query("", false, items, rows, "", List.of("txt"), "", "");
  }

  private Query collected() {
    List<String> items =
        List.of(
            "txt AS k",
            "collect_list(num) AS ownl",
            "sort_array(collect_set(num), false) AS owns",
            "size(collect_list(DISTINCT num)) AS ownn",
            "approx_count_distinct(num) AS owna",
            "collect_list(id) FILTER (WHERE num > 0) AS ownf");
    return new Query("", false, items, from(), "", List.of("txt"), "", "");
  }

  private Query percentiles() {
    List<String> items =
        List.of(
            "txt AS k",
            "percentile_cont(0.5) WITHIN GROUP (ORDER BY num) AS mean0",
            "percentile_disc(0.25) WITHIN GROUP (ORDER BY num) AS mean1",
            "count(*) AS n",
            "max(num) AS m");
    return new Query("", false, items, from(), "", List.of("txt"), "", "");
  }

  private Query joined() {
    String kind = any(List.of("JOIN", "LEFT JOIN", "RIGHT JOIN"));
    String on =
        any(
            List.of(
                "a.num = b.num",
                "a.num = b.num AND a.id < b.id",
                "a.txt = b.txt AND a.num + 1 = b.num",
                "a.num = b.num * 2 AND (a.txt <> b.txt OR b.txt IS NULL)",
                "a.num IS NOT DISTINCT FROM b.num AND a.txt = b.txt",
                "a.id = b.id"));
    return query(
        random.nextInt(3) == 0
            ? List.of("a.id AS v0", "b.num AS v1")
            : List.of("a.id AS v0", "b.id AS v1", "b.txt AS v2"),
        "%s %s %s ON %s".formatted(side("a"), kind, side("b"), on));
  }

  private String side(String name) {
    return random.nextInt(3) == 0
        ? "(SELECT * FROM t WHERE " + condition() + ") AS " + name
        : "t AS " + name;
  }

  private Query joinedTwice() {
    return query(
        List.of("a.id AS v0", "b.id AS v1", "c.num AS v2"),
        "%s JOIN %s ON a.num = b.num %s %s ON b.txt = c.txt AND c.id <> a.id"
            .formatted(side("a"), side("b"), any(List.of("JOIN", "LEFT JOIN")), side("c")));
  }

  private Query overJoin() {
    String rows =
        "%s LEFT JOIN %s ON a.num = b.num AND a.id <> b.id".formatted(side("a"), side("b"));
    List<String> items =
        List.of("a.txt AS k", "count(*) AS n", "count(b.id) AS c", "max(b.num) AS m");
    return new Query("", false, items, rows, "", List.of("a.txt"), "", "");
  }

  private String exists() {
    return any(List.of("EXISTS", "NOT EXISTS"))
        + " (SELECT 1 FROM t AS u WHERE "
        + any(
            List.of(
                "u.num = t.num AND u.id <> t.id",
                "u.txt = t.txt AND u.num > t.num",
                "u.num = t.num + 1 AND u." + condition()))
        + ")";
  }

  private String in() {
    return "num IN (SELECT num + 1 FROM t AS u WHERE u." + condition() + ")";
  }

  private String ofGroups() {
    return "(SELECT t.id, t.num AS v1, s.n FROM t %s (SELECT txt AS g, count(*) AS n FROM t GROUP BY txt) AS s ON t.txt = s.g) AS j"
        .formatted(any(List.of("JOIN", "LEFT JOIN")));
  }

  private String ofItsGroup() {
    return "(SELECT max(num) FROM t AS u WHERE u.txt = t.txt)";
  }

  private String part() {
    return "SELECT num AS v0, txt AS v1 FROM " + from();
  }

  private String setOperator() {
    return any(List.of(" INTERSECT ", " EXCEPT "));
  }
}
