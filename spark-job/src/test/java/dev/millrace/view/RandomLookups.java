package dev.millrace.view;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * Random rows of two lookups: few values, so that some match, some are twice, and some are null.
 */
final class RandomLookups {

  /** In the order of their names, so that a seed always draws alike. */
  static final Map<String, StructType> COLUMNS =
      new TreeMap<>(
          Map.of(
              "l", LiveViews.columns("ln INT, lt STRING, lv INT"),
              "m", LiveViews.columns("mt STRING, mv INT")));

  private static final List<String> TEXTS = Arrays.asList("a", "b", "", null, "ab", "c");

  private RandomLookups() {}

  static List<Row> rows(String lookup, Random random) {
    return Stream.generate(() -> row(lookup, random)).limit(random.nextInt(7)).toList();
  }

  private static Row row(String lookup, Random random) {
    String text = TEXTS.get(random.nextInt(TEXTS.size()));
    return lookup.equals("l")
        ? RowFactory.create(number(random), text, number(random))
        : RowFactory.create(text, number(random));
  }

  private static Integer number(Random random) {
    int number = random.nextInt(10) - 3;
    return number == -3 ? null : number;
  }
}
