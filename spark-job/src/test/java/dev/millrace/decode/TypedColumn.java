package dev.millrace.decode;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitrary;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import scala.collection.JavaConverters;

/**
 * A column of a table in Postgres, and how its values are compared with what was decoded.
 *
 * @param postgres its type, and what else stands behind its name
 * @param type as a pipeline file spells it
 * @param held what Postgres reports about a value, as SQL with {@code %1$s} for the value; null for
 *     null
 * @param values as Postgres reads them
 */
record TypedColumn(
    String name, String postgres, String type, String held, Arbitrary<String> values) {

  /** In the place of null within an array or a map. */
  static final String NULL = "∅";

  private static final String ARRAY = "[]";

  /** The type in Postgres, without its precision. */
  String base() {
    return postgres.replaceFirst("[( ].*", "");
  }

  /**
   * What Postgres reports about the column's value, as SQL.
   *
   * @param exact instead of {@code held}, by the type in Postgres
   */
  String heldSql(Map<String, String> exact) {
    String one = exact.getOrDefault(base(), held);
    return postgres.endsWith(ARRAY)
        ? ("CASE WHEN %1$s IS NOT NULL THEN array_to_string(ARRAY(SELECT %2$s FROM unnest(%1$s) WITH"
                + " ORDINALITY AS elements(x, place) ORDER BY place), '|', '%3$s') END")
            .formatted(name, one.formatted("x"), NULL)
        : one.formatted(name);
  }

  /** The decoded column; days and moments as numbers: Java's classes know another calendar. */
  Column decoded() {
    return functions.expr(
        switch (type) {
          case "date" -> "unix_date(`%s`)".formatted(name);
          case "timestamp" -> "unix_micros(`%s`)".formatted(name);
          case "array<date>" -> "transform(`%s`, x -> unix_date(x))".formatted(name);
          case "array<timestamp>" -> "transform(`%s`, x -> unix_micros(x))".formatted(name);
          default -> "`" + name + "`";
        });
  }

  /** A value of {@link #decoded} in the words of {@link #heldSql}. */
  String shown(Object value) {
    if (value == null) {
      return null;
    }
    if (value instanceof Double number) {
      return "%016x".formatted(Double.doubleToLongBits(number));
    } else if (value instanceof Float number) {
      return "%08x".formatted(Float.floatToIntBits(number));
    } else if (value instanceof BigDecimal number) {
      return number.toPlainString();
    } else if (value instanceof Duration duration) {
      return Long.toString(duration.dividedBy(Duration.ofNanos(1000)));
    } else if (value instanceof byte[] bytes) {
      return type.equals("geometry") ? coordinates(bytes) : HexFormat.of().formatHex(bytes);
    } else if (value instanceof scala.collection.Map<?, ?> map) {
      Map<String, Object> entries = new TreeMap<>();
      JavaConverters.mapAsJavaMap(map).forEach((key, held) -> entries.put((String) key, held));
      return entries.entrySet().stream()
          .map(entry -> entry.getKey() + "=>" + element(entry.getValue()))
          .collect(Collectors.joining("|"));
    } else if (value instanceof scala.collection.Seq<?> list) {
      return JavaConverters.seqAsJavaList(list).stream()
          .map(this::element)
          .collect(Collectors.joining("|"));
    }
    return value.toString();
  }

  private String element(Object value) {
    return value == null ? NULL : shown(value);
  }

  /** Of a point in well-known binary, little-endian. */
  private static String coordinates(byte[] point) {
    ByteBuffer buffer = ByteBuffer.wrap(point).order(ByteOrder.LITTLE_ENDIAN);
    return "%016x%016x"
        .formatted(
            Double.doubleToLongBits(buffer.getDouble(5)),
            Double.doubleToLongBits(buffer.getDouble(13)));
  }
}
