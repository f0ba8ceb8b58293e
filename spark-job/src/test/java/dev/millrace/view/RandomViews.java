package dev.millrace.view;

import dev.millrace.view.RandomTable.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * One random table with its views: after every batch each view is compared with Spark's result of
 * the same SQL over the table's rows. All of it follows from the seed.
 */
final class RandomViews {

  private static final int QUERIES = 25;
  private static final double TOLERANCE = 1e-9;
  private static final int SHRINKING_ATTEMPTS = 40;

  private final SparkSession session;
  private final Path folder;
  private int cases;
  private int runs;

  RandomViews(SparkSession session, Path folder) {
    this.session = session;
    this.folder = folder;
  }

  /** How many queries were compared after a batch. */
  int cases() {
    return cases;
  }

  private record Difference(String query, int batch, String text) {}

  /** What differed, as small as it could be made; empty where all results were equal. */
  Optional<String> failure(long seed, int batches) {
    Random random = new Random(seed);
    RandomTable table = new RandomTable(random);
    RandomQuery query = new RandomQuery(random, table.columns());
    List<String> queries = Stream.generate(query::next).limit(QUERIES).toList();
    List<List<Operation>> operations = Stream.generate(table::operations).limit(batches).toList();
    Optional<Difference> found = run(table.columns(), queries, operations);
    return found.map(difference -> shrunk(seed, table.columns(), difference, operations));
  }

  /** Whether anything differs: without the work of making it small. */
  boolean isFound(long seed, int batches) {
    Random random = new Random(seed);
    RandomTable table = new RandomTable(random);
    RandomQuery query = new RandomQuery(random, table.columns());
    List<String> queries = Stream.generate(query::next).limit(QUERIES).toList();
    return run(table.columns(), queries, Stream.generate(table::operations).limit(batches).toList())
        .isPresent();
  }

  private String shrunk(
      long seed, StructType columns, Difference found, List<List<Operation>> operations) {
    List<List<Operation>> smallest =
        new ArrayList<>(operations.subList(0, Math.min(operations.size(), found.batch() + 1)));
    Difference difference = found;
    int attempts = 0;
    for (int size = count(smallest); size >= 1 && attempts < SHRINKING_ATTEMPTS; size /= 2) {
      for (int from = 0; from < count(smallest) && attempts < SHRINKING_ATTEMPTS; ) {
        List<List<Operation>> fewer = without(smallest, from, size);
        attempts++;
        Optional<Difference> still = run(columns, List.of(found.query()), fewer);
        if (still.isPresent()) {
          smallest = fewer;
          difference = still.get();
        } else {
          from += size;
        }
      }
    }
    return String.format(
        "seed %d, columns %s%n%s%nafter batch %d of %s%n%s",
        seed, columns.toDDL(), found.query(), difference.batch(), smallest, difference.text());
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

  private Optional<Difference> run(
      StructType columns, List<String> queries, List<List<Operation>> batches) {
    ChangeLog table = new ChangeLog(columns, 2);
    Path state = folder.resolve("run-" + runs++);
    try (LiveViews views = new LiveViews(session, state, columns, queries)) {
      for (int i = 0; i < batches.size(); i++) {
        batches.get(i).forEach(operation -> operation.apply(table));
        try {
          views.apply(table);
        } catch (AssertionError e) {
          return Optional.of(new Difference(queries.get(0), i, e.getMessage()));
        }
        Optional<Difference> difference = compare(views, table, queries, i);
        if (difference.isPresent()) {
          return difference;
        }
      }
      return Optional.empty();
    } finally {
      delete(state);
    }
  }

  private Optional<Difference> compare(
      LiveViews views, ChangeLog table, List<String> queries, int batch) {
    Map<String, Map<List<Object>, Integer>> expected = views.expected(table);
    for (int i = 0; i < queries.size(); i++) {
      cases++;
      Map<List<Object>, Integer> held = views.held("v" + i);
      Map<List<Object>, Integer> wanted = expected.get("v" + i);
      List<String> names = List.of(views.plans().get(i).result().fieldNames());
      if (!equal(names, held, wanted)) {
        Map<List<Object>, Integer> extra = new LinkedHashMap<>(held);
        wanted.forEach((row, count) -> extra.merge(row, -count, RandomViews::sumUnlessZero));
        return Optional.of(
            new Difference(queries.get(i), batch, "the view has (+), or lacks (-): " + extra));
      }
    }
    return Optional.empty();
  }

  private static Integer sumUnlessZero(Integer a, Integer b) {
    return a + b == 0 ? null : a + b;
  }

  /** Exactly equal, apart from moments. */
  private static boolean equal(
      List<String> names, Map<List<Object>, Integer> held, Map<List<Object>, Integer> wanted) {
    if (names.stream().noneMatch(name -> name.startsWith("moment"))) {
      return held.equals(wanted);
    }
    if (held.size() != wanted.size()) {
      return false;
    }
    Map<List<Object>, List<Object>> byRest = new LinkedHashMap<>();
    held.keySet().forEach(row -> byRest.put(rest(names, row), row));
    return wanted.keySet().stream()
        .allMatch(row -> isClose(names, row, byRest.get(rest(names, row))));
  }

  private static List<Object> rest(List<String> names, List<Object> row) {
    List<Object> rest = new ArrayList<>(row);
    for (int i = 0; i < row.size(); i++) {
      if (names.get(i).startsWith("moment")) {
        rest.set(i, row.get(i) == null);
      }
    }
    return rest;
  }

  private static boolean isClose(List<String> names, List<Object> row, List<Object> other) {
    if (other == null) {
      return false;
    }
    for (int i = 0; i < row.size(); i++) {
      if (names.get(i).startsWith("moment") && row.get(i) != null) {
        double a = (Double) row.get(i);
        double b = (Double) other.get(i);
        double scale = Math.max(1, Math.max(Math.abs(a), Math.abs(b)));
        if (Double.compare(a, b) != 0 && !(Math.abs(a - b) <= TOLERANCE * scale)) {
          return false;
        }
      }
    }
    return true;
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
