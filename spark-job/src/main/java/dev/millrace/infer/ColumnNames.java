package dev.millrace.infer;

import dev.millrace.event.ChangeColumns;
import java.text.Normalizer;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.types.StructField;

/**
 * Gives fields the names of columns, one after the other; no two get names that SQL can't tell
 * apart.
 *
 * <pre>
 *   id, userId                                   the field's own name, if it is a plain one
 *   ncr_ride_bookings.csv/booking+value          booking_value: what follows the last slash
 *   Größe (cm)                                   grosse_cm
 *   2nd choice                                   _2nd_choice
 *   offset                                       table_offset: every change has an `offset`
 *   数量                                          column_4, for the fourth field
 * </pre>
 */
final class ColumnNames {

  /** What every change has in addition to its table's columns. */
  static final List<StructField> OF_CHANGES =
      Stream.concat(ChangeColumns.DECODED.stream(), ChangeColumns.POSITION.stream()).toList();

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final Set<String> taken = new HashSet<>();
  private final Set<String> reserved = new HashSet<>();
  private final Map<String, String> chosen;
  private int count;

  /**
   * Creates a namer for the columns of changes.
   *
   * @param chosen names that fields have already, by field
   */
  ColumnNames(Map<String, String> chosen) {
    this(chosen, OF_CHANGES);
  }

  /**
   * Creates a namer.
   *
   * @param own the columns that every row has in addition to the table's
   */
  ColumnNames(Map<String, String> chosen, List<StructField> own) {
    this.chosen = Map.copyOf(chosen);
    own.forEach(column -> reserved.add(column.name().toLowerCase(Locale.ROOT)));
    taken.addAll(reserved);
    chosen.values().forEach(this::isNew);
  }

  /** The name for the next field. */
  String next(String field) {
    count++;
    String known = chosen.get(field);
    if (known != null) {
      return known;
    }
    String wanted = PLAIN.matcher(field).matches() ? field : plain(field);
    String name = wanted;
    if (reserved.contains(wanted.toLowerCase(Locale.ROOT))) {
      wanted = "table_" + wanted;
      name = wanted;
    }
    for (int number = 2; !isNew(name); number++) {
      name = wanted + "_" + number;
    }
    return name;
  }

  private String plain(String field) {
    String name = snakeCase(field.substring(field.lastIndexOf('/') + 1));
    if (name.isEmpty()) {
      name = snakeCase(field);
    }
    if (name.isEmpty()) {
      return "column_" + count;
    }
    return Character.isDigit(name.charAt(0)) ? "_" + name : name;
  }

  private static String snakeCase(String text) {
    String letters =
        Normalizer.normalize(text.replace("ß", "ss"), Normalizer.Form.NFD)
            .replaceAll("\\p{M}+", "");
    return letters
        .replaceAll("([a-z0-9])([A-Z])", "$1_$2")
        .replaceAll("[^A-Za-z0-9]+", "_")
        .replaceAll("^_+|_+$", "")
        .toLowerCase(Locale.ROOT);
  }

  private boolean isNew(String name) {
    return taken.add(name.toLowerCase(Locale.ROOT));
  }
}
