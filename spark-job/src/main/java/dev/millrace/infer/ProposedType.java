package dev.millrace.infer;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a column's values are read, in the words of a pipeline file.
 *
 * @param attributes the keys in addition to {@code from}, {@code type} first: {@code {type:
 *     timestamp, unit: micros}}
 */
record ProposedType(Map<String, String> attributes) {

  private static final String TYPE = "type";
  private static final String UNIT = "unit";
  private static final String ENCODING = "encoding";

  static final ProposedType STRING = of("string");
  static final ProposedType BIGINT = of("bigint");
  static final ProposedType DOUBLE = of("double");
  static final ProposedType BOOLEAN = of("boolean");
  static final ProposedType BINARY = of("binary");
  static final ProposedType TIMETZ = of("timetz");
  static final ProposedType INTERVAL = of("interval");
  static final ProposedType UUID = of("uuid");
  static final ProposedType JSON = of("json");
  static final ProposedType MAP = of("map<string,string>");
  static final ProposedType GEOMETRY = of("geometry");

  private static final String ARRAY = "array<";

  ProposedType {
    attributes = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
  }

  static ProposedType of(String type) {
    return new ProposedType(Map.of(TYPE, type));
  }

  static ProposedType date(String unit) {
    return of("date").with(UNIT, unit);
  }

  static ProposedType time(String unit) {
    return of("time").with(UNIT, unit);
  }

  static ProposedType timestamp(String unit) {
    return of("timestamp").with(UNIT, unit);
  }

  static ProposedType decimal(int precision, int scale) {
    return of("decimal(" + precision + "," + scale + ")");
  }

  /** An array of what is not an array itself; unit and encoding are those of its elements. */
  static ProposedType arrayOf(ProposedType element) {
    return element.with(TYPE, ARRAY + element.attributes.get(TYPE) + ">");
  }

  /** The same type, the values of which are base64. */
  ProposedType inBase64() {
    return with(ENCODING, "base64");
  }

  boolean isArray() {
    return attributes.get(TYPE).startsWith(ARRAY);
  }

  ProposedType with(String key, String value) {
    Map<String, String> more = new LinkedHashMap<>(attributes);
    more.put(key, value);
    return new ProposedType(more);
  }

  /** As a person states it: {@code timestamp in micros}. */
  String spoken() {
    String form = attributes.getOrDefault(UNIT, attributes.get(ENCODING));
    return attributes.get(TYPE) + (form == null ? "" : " in " + form);
  }
}
