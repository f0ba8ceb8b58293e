package dev.millrace.infer;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a column's values are read, in the words of a pipeline file.
 *
 * @param attributes the keys beside {@code from}, {@code type} first: {@code {type: timestamp,
 *     unit: micros}}
 */
record ProposedType(Map<String, String> attributes) {

  private static final String TYPE = "type";
  private static final String UNIT = "unit";

  static final ProposedType STRING = of("string");
  static final ProposedType BIGINT = of("bigint");
  static final ProposedType DOUBLE = of("double");
  static final ProposedType BOOLEAN = of("boolean");
  static final ProposedType BINARY = of("binary");

  ProposedType {
    attributes = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
  }

  static ProposedType of(String type) {
    return new ProposedType(Map.of(TYPE, type));
  }

  static ProposedType date(String unit) {
    return of("date").with(UNIT, unit);
  }

  static ProposedType timestamp(String unit) {
    return of("timestamp").with(UNIT, unit);
  }

  static ProposedType decimal(int precision, int scale) {
    return of("decimal(" + precision + "," + scale + ")");
  }

  ProposedType with(String key, String value) {
    Map<String, String> more = new LinkedHashMap<>(attributes);
    more.put(key, value);
    return new ProposedType(more);
  }

  /** As a person says it: {@code timestamp in micros}. */
  String spoken() {
    String unit = attributes.get(UNIT);
    return attributes.get(TYPE) + (unit == null ? "" : " in " + unit);
  }
}
