package dev.millrace.view;

import dev.millrace.view.RandomQuery.Query;
import dev.millrace.view.RandomTable.Operation;
import dev.millrace.view.plan.ViewPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Random tables, each with its views: after every batch each view is compared with Spark's result
 * of the same SQL over the table's rows; after every tenth batch with that of other databases, too.
 * Some batches run more than once, some views are new in the middle, and some results are delivered
 * whole. All of it follows from the seed.
 */
final class RandomViews {

  private static final int QUERIES = 25;

  /** Spark plans each of them again after every batch. */
  private static final int JOINED_QUERIES = 10;

  private static final int LATE_BATCH = 3;

  /** One of so many seeds: a class for each expression takes more time than the rest of a seed. */
  private static final int COMPILED = 8;

  /** What aggregates over values are drawn from: the seeds of bugs that others find stay. */
  private static final long VALUES = 0x7a1e5;

  /** How many values the record of a group has at most, before the index has them. */
  private static final List<Integer> KEPT_VALUES = List.of(1, 2, 3, 5, 32);

  /** What grouping sets, unions and exploded arrays are drawn from, for the same reason. */
  private static final long SETS = 0x5e75;

  /** One of so many queries has them. */
  private static final int QUERIES_FOR_ONE_OF_SETS = 8;

  /** Those before it are delivered whole now and then. */
  private static final int FIRST_OF_SETS = 3;

  /** When the batches of a test begin, in UTC. */
  static final String BEGAN = "2023-11-14 22:00:00Z";

  /** What queries whose rows depend on other rows are drawn from. */
  private static final long ROWS = 0x40f5;

  /** The first numbers that seeds next to one another give are alike. */
  private static final long SCATTERED = 0x9E3779B97F4A7C15L;

  private static final int QUERIES_FOR_ONE_OF_ROWS = 5;

  /** What comparisons with now(), and the times of batches, are drawn from. */
  private static final long TIMES = 0x71e5;

  private static final int QUERIES_FOR_ONE_OF_TIME = 8;

  /** What snapshots are drawn from: the seeds of bugs that others find stay as they are. */
  private static final long SNAPSHOTS = 0x5aa9;

  /** After so many batches state in memory is read from its files again. */
  private static final int RESTART_INTERVAL = 5;

  private static final double TOLERANCE = 1e-9;
  private static final double DECIMAL_PLACES = 1e-6;
  private static final int SHRINKING_ATTEMPTS = 60;

  private final SparkSession session;
  private final Path folder;
  private final int queries;
  private final List<ReferenceDatabase> databases;
  private final int databaseInterval;
  private final boolean hasLookups;
  private final Map<ReferenceDatabase.Make, Integer> comparisons = new LinkedHashMap<>();
  private int cases;
  private int batches;
  private int runs;

  RandomViews(
      SparkSession session, Path folder, List<ReferenceDatabase> databases, int databaseInterval) {
    this(session, folder, QUERIES, databases, databaseInterval);
  }

  /**
   * @param queries that share a table
   * @param databases others that results are compared with
   * @param databaseInterval after how many batches
   */
  RandomViews(
      SparkSession session,
      Path folder,
      int queries,
      List<ReferenceDatabase> databases,
      int databaseInterval) {
    this(session, folder, queries, databases, databaseInterval, false);
  }

  /** Views that are joined with lookups, which change between batches; compared with Spark. */
  static RandomViews joined(SparkSession session, Path folder) {
    return new RandomViews(session, folder, JOINED_QUERIES, List.of(), 1, true);
  }

  private RandomViews(
      SparkSession session,
      Path folder,
      int queries,
      List<ReferenceDatabase> databases,
      int databaseInterval,
      boolean hasLookups) {
    this.hasLookups = hasLookups;
    this.queries = queries;
    this.session = session;
    this.folder = folder;
    this.databases = List.copyOf(databases);
    this.databaseInterval = databaseInterval;
  }

  /** How many queries were compared after a batch. */
  int cases() {
    return cases;
  }

  /** How many queries were compared with other databases. */
  Map<ReferenceDatabase.Make, Integer> comparisons() {
    return comparisons;
  }

  private record Difference(Query query, int batch, String text) {}

  /** The table and queries of a seed. */
  private record Scenario(
      long seed,
      StructType columns,
      boolean hasLsn,
      Map<String, StructType> lookups,
      List<Query> queries,
      List<List<Operation>> operations,
      int maxKeptValues) {

    static Scenario of(long seed, int queries, int batches, boolean hasLookups) {
      Random random = new Random(seed);
      RandomTable table = new RandomTable(random, new Random(seed ^ SNAPSHOTS));
      Map<String, StructType> lookups = hasLookups ? RandomLookups.COLUMNS : Map.of();
      Random values = new Random(seed ^ VALUES);
      int maxKeptValues = KEPT_VALUES.get(values.nextInt(KEPT_VALUES.size()));
      RandomQuery query = new RandomQuery(random, table.columns(), lookups, values);
      List<Query> all = new ArrayList<>(Stream.generate(query::next).limit(queries).toList());
      Random ofSets = new Random(seed ^ SETS);
      RandomQuery sets = new RandomQuery(ofSets, table.columns(), lookups, ofSets);
      for (int i = queries / QUERIES_FOR_ONE_OF_SETS; i > 0; i--) {
        all.add(FIRST_OF_SETS, sets.nextOfSets());
      }
      RandomRowQuery rows = new RandomRowQuery(new Random((seed ^ ROWS) * SCATTERED));
      for (int i = hasLookups ? 0 : queries / QUERIES_FOR_ONE_OF_ROWS; i > 0; i--) {
        all.add(FIRST_OF_SETS, rows.next());
      }
      Random ofTime = new Random(seed ^ TIMES);
      RandomQuery times = new RandomQuery(ofTime, table.columns(), lookups, ofTime);
      for (int i = queries / QUERIES_FOR_ONE_OF_TIME; i > 0; i--) {
        all.add(FIRST_OF_SETS, times.nextOfTime());
      }
      return new Scenario(
          seed,
          table.columns(),
          table.hasLsn(),
          lookups,
          all,
          Stream.generate(table::operations).limit(batches).toList(),
          maxKeptValues);
    }

    Scenario with(Query query, List<List<Operation>> fewer) {
      return new Scenario(seed, columns, hasLsn, lookups, List.of(query), fewer, maxKeptValues);
    }
  }

  /** What differed, as small as it could be made; empty where all results were equal. */
  Optional<String> failure(long seed, int batchesOfTable) {
    Scenario scenario = Scenario.of(seed, queries, batchesOfTable, hasLookups);
    return run(scenario, false).map(difference -> shrunk(scenario, difference));
  }

  /** What differed first; empty where all results were equal. */
  Optional<String> firstDifference(long seed, int batchesOfTable) {
    return run(Scenario.of(seed, queries, batchesOfTable, hasLookups), false)
        .map(
            found ->
                "seed %d, %s, batch %d: %s"
                    .formatted(seed, found.query().sql(), found.batch(), found.text()));
  }

  private String shrunk(Scenario scenario, Difference found) {
    List<List<Operation>> smallest =
        new ArrayList<>(
            scenario
                .operations()
                .subList(0, Math.min(scenario.operations().size(), found.batch() + 1)));
    Difference difference = found;
    int attempts = 0;
    for (int size = count(smallest); size >= 1 && attempts < SHRINKING_ATTEMPTS; size /= 2) {
      for (int from = 0; from < count(smallest) && attempts < SHRINKING_ATTEMPTS; ) {
        List<List<Operation>> fewer = without(smallest, from, size);
        attempts++;
        Optional<Difference> still = run(scenario.with(found.query(), fewer), true);
        if (still.isPresent()) {
          smallest = fewer;
          difference = still.get();
        } else {
          from += size;
        }
      }
    }
    boolean isSmaller = true;
    while (isSmaller) {
      isSmaller = false;
      for (Query simpler : difference.query().simpler()) {
        Optional<Difference> still = attempt(scenario.with(simpler, smallest));
        if (still.isPresent()) {
          difference = still.get();
          isSmaller = true;
          break;
        }
      }
    }
    return String.format(
        "seed %d, columns %s%n%s%nafter batch %d of %s%n%s",
        scenario.seed(),
        scenario.columns().toDDL(),
        difference.query().sql(),
        difference.batch(),
        smallest,
        difference.text());
  }

  /** A query with a part less may not be valid: a column can be gone. */
  private Optional<Difference> attempt(Scenario scenario) {
    try {
      return run(scenario, true);
    } catch (dev.millrace.error.UserException e) {
      return Optional.empty();
    }
  }

  private static int count(List<List<Operation>> batches) {
    return batches.stream().mapToInt(List::size).sum();
  }

  private static List<List<Operation>> without(List<List<Operation>> batches, int from, int size) {
    List<List<Operation>> fewer = new ArrayList<>();
    int index = 0;
    for (List<Operation> batch : batches) {
      List<Operation> left = new ArrayList<>();
      for (Operation operation : batch) {
        if (index < from || index >= from + size) {
          left.add(operation);
        }
        index++;
      }
      fewer.add(left);
    }
    return fewer;
  }

  private Optional<Difference> run(Scenario scenario, boolean isShrinking) {
    ChangeLog table = new ChangeLog(scenario.columns(), 2, scenario.hasLsn());
    // Spark compiles a view's expressions, or interprets them where it can't: both are tested.
    session
        .sparkContext()
        .setLocalProperty(
            "spark.sql.codegen.factoryMode", scenario.seed() % COMPILED == 0 ? null : "NO_CODEGEN");
    Path state = folder.resolve("run-" + runs++);
    List<Query> queries = scenario.queries();
    List<String> sql = queries.stream().map(Query::sql).toList();
    // The last view is new in the middle.
    int first = Math.max(1, sql.size() - 1);
    try (LiveViews views =
        new LiveViews(
            session,
            state,
            scenario.columns(),
            List.of(scenario.columns().fieldNames()[0]),
            sql.subList(0, first),
            scenario.lookups(),
            scenario.maxKeptValues(),
            isInMemory(scenario.seed()))) {
      for (int i = 0; i < scenario.operations().size(); i++) {
        // Its own for each batch: what a batch draws is the same when others are left out.
        Random random = new Random(scenario.seed() * 31 + i);
        if (i == LATE_BATCH) {
          sql.subList(first, sql.size()).forEach(views::add);
        }
        views.time(time(scenario.seed(), i));
        if (isInMemory(scenario.seed()) && i % RESTART_INTERVAL == RESTART_INTERVAL - 1) {
          views.restart();
        }
        Set<String> whole = random.nextInt(4) == 0 ? Set.of("v0", "v1", "v2") : Set.of();
        int times = random.nextInt(5) == 0 ? 2 : 1;
        scenario.operations().get(i).forEach(operation -> operation.apply(table));
        for (String lookup : scenario.lookups().keySet()) {
          if (random.nextBoolean()) {
            views.lookup(lookup, RandomLookups.rows(lookup, random));
          }
        }
        try {
          if (inTwoBatches(scenario.operations().get(i))) {
            int ahead = random.nextInt(2);
            views.applyAll(table, table.take(ahead), whole, random, times);
            views.applyAll(table, table.take(), Set.of(), random, times);
          } else {
            views.applyAll(table, whole, random, times);
          }
        } catch (AssertionError e) {
          return Optional.of(new Difference(queries.get(views.failed()), i, e.getMessage()));
        }
        Optional<Difference> difference = compare(views, table, queries, i);
        if (difference.isPresent()) {
          return difference;
        }
        if (isShrinking || batches++ % databaseInterval == 0) {
          difference = compareWithDatabases(views, table, queries, i);
        }
        if (difference.isPresent()) {
          return difference;
        }
      }
      return Optional.empty();
    } finally {
      delete(state);
    }
  }

  /** Each second seed has its state in memory. */
  private static boolean isInMemory(long seed) {
    return seed % 2 != 0;
  }

  /** Minutes pass from batch to batch, now and then none or a day. */
  private static Instant time(long seed, int batch) {
    Random random = new Random(seed ^ TIMES);
    Instant time = Instant.parse(BEGAN.replace(' ', 'T'));
    for (int i = 0; i < batch; i++) {
      time = time.plusSeconds(random.nextInt(12) == 0 ? 86_400 : 30L * random.nextInt(5));
    }
    return time;
  }

  /**
   * Whether one partition is read a batch earlier. What an update of a key does not send is known
   * only if both partitions are read in one.
   */
  private static boolean inTwoBatches(List<Operation> operations) {
    return operations.stream()
            .anyMatch(each -> each instanceof RandomTable.Resnapshot all && all.inTwoBatches())
        && operations.stream().noneMatch(RandomTable.MoveWithoutText.class::isInstance);
  }

  private Optional<Difference> compare(
      LiveViews views, ChangeLog table, List<Query> queries, int batch) {
    Map<String, Map<List<Object>, Integer>> expected = views.expected(table);
    for (int i = 0; i < views.plans().size(); i++) {
      cases++;
      Map<List<Object>, Integer> held = views.held("v" + i);
      Map<List<Object>, Integer> wanted = expected.get("v" + i);
      List<String> names = List.of(views.plans().get(i).result().fieldNames());
      if (!equal(names, held, wanted, "moment", "zero")) {
        return Optional.of(new Difference(queries.get(i), batch, "Spark: " + extra(held, wanted)));
      }
    }
    return Optional.empty();
  }

  private Optional<Difference> compareWithDatabases(
      LiveViews views, ChangeLog table, List<Query> queries, int batch) {
    for (ReferenceDatabase database : databases) {
      try {
        database.fill(table.columns(), table.rows());
        for (int i = 0; i < views.plans().size(); i++) {
          ViewPlan plan = views.plans().get(i);
          String sql = queries.get(i).sql();
          if (!database.has(table.columns(), plan.neededColumns(), sql)) {
            continue;
          }
          comparisons.merge(database.make(), 1, Integer::sum);
          Map<List<Object>, Integer> wanted = new LinkedHashMap<>();
          for (List<Object> row : database.result(sql)) {
            wanted.merge(row, 1, Integer::sum);
          }
          Map<List<Object>, Integer> held = new LinkedHashMap<>();
          for (Map.Entry<List<Object>, Integer> row : views.held("v" + i).entrySet()) {
            @SuppressWarnings("unchecked")
            List<Object> values = (List<Object>) ReferenceDatabase.comparable(row.getKey());
            held.merge(values, row.getValue(), Integer::sum);
          }
          if (!equal(List.of(plan.result().fieldNames()), held, wanted, "moment", "mean", "zero")) {
            return Optional.of(
                new Difference(
                    queries.get(i), batch, database.make() + ": " + extra(held, wanted)));
          }
        }
      } catch (SQLException e) {
        throw new AssertionError("%s refuses: %s".formatted(database.make(), e.getMessage()), e);
      }
    }
    return Optional.empty();
  }

  private static String extra(Map<List<Object>, Integer> held, Map<List<Object>, Integer> wanted) {
    Map<List<Object>, Integer> extra = new LinkedHashMap<>(held);
    wanted.forEach((row, count) -> extra.merge(row, -count, RandomViews::sumUnlessZero));
    return "the view has (+), or lacks (-): " + extra;
  }

  private static Integer sumUnlessZero(Integer a, Integer b) {
    return a + b == 0 ? null : a + b;
  }

  /** Exactly equal, apart from the columns whose names begin so. */
  private static boolean equal(
      List<String> names,
      Map<List<Object>, Integer> held,
      Map<List<Object>, Integer> wanted,
      String... rounded) {
    List<Boolean> isRounded =
        names.stream().map(name -> Stream.of(rounded).anyMatch(name::startsWith)).toList();
    if (!isRounded.contains(true)) {
      return held.equals(wanted);
    }
    if (held.size() != wanted.size()) {
      return false;
    }
    Map<List<Object>, List<Object>> byRest = new LinkedHashMap<>();
    held.keySet().forEach(row -> byRest.put(rest(isRounded, row), row));
    return wanted.keySet().stream()
        .allMatch(row -> isClose(isRounded, row, byRest.get(rest(isRounded, row))));
  }

  private static List<Object> rest(List<Boolean> isRounded, List<Object> row) {
    List<Object> rest = new ArrayList<>(row);
    for (int i = 0; i < row.size(); i++) {
      if (isRounded.get(i)) {
        rest.set(i, row.get(i) == null);
      }
    }
    return rest;
  }

  private static boolean isClose(List<Boolean> isRounded, List<Object> row, List<Object> other) {
    if (other == null) {
      return false;
    }
    for (int i = 0; i < row.size(); i++) {
      if (isRounded.get(i) && row.get(i) != null) {
        double a = number(row.get(i));
        double b = number(other.get(i));
        double tolerance =
            Math.max(
                row.get(i) instanceof BigDecimal ? DECIMAL_PLACES : TOLERANCE,
                TOLERANCE * Math.max(Math.abs(a), Math.abs(b)));
        if (Double.compare(a, b) != 0 && !(Math.abs(a - b) <= tolerance)) {
          return false;
        }
      }
    }
    return true;
  }

  private static double number(Object value) {
    return value instanceof Number number
        ? number.doubleValue()
        : Double.parseDouble(value.toString());
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
