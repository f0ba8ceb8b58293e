package dev.millrace.infer;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a column's values are read, in the words of a pipeline file.
 *
 * @param attributes the keys beside {@code from}, {@code type} first: {@code {type: timestamp,
 *     unit: micros}}
 */
record ColumnType(Map<String, String> attributes) {

  private static final String TYPE = "type";
  private static final String UNIT = "unit";

  static final ColumnType STRING = of("string");
  static final ColumnType BIGINT = of("bigint");
  static final ColumnType DOUBLE = of("double");
  static final ColumnType BOOLEAN = of("boolean");
  static final ColumnType BINARY = of("binary");

  ColumnType {
    attributes = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
  }

  static ColumnType of(String type) {
    return new ColumnType(Map.of(TYPE, type));
  }

  static ColumnType date(String unit) {
    return of("date").with(UNIT, unit);
  }

  static ColumnType timestamp(String unit) {
    return of("timestamp").with(UNIT, unit);
  }

  static ColumnType decimal(int precision, int scale) {
    return of("decimal(" + precision + "," + scale + ")");
  }

  ColumnType with(String key, String value) {
    Map<String, String> more = new LinkedHashMap<>(attributes);
    more.put(key, value);
    return new ColumnType(more);
  }

  /** As a person says it: {@code timestamp in micros}. */
  String spoken() {
    String unit = attributes.get(UNIT);
    return attributes.get(TYPE) + (unit == null ? "" : " (" + unit + ")");
  }
}
