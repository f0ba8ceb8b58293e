package dev.millrace.infer;

import com.fasterxml.jackson.databind.JsonNode;

/** What Debezium sends in the place of a value that Postgres did not. */
final class Placeholder {

  private static final String TEXT = "__debezium_unavailable_value";

  private Placeholder() {}

  /** Whether a value is the placeholder: its text, or an array or map of nothing but it. */
  static boolean is(JsonNode value) {
    return value.isContainerNode()
        ? value.size() == 1 && is(value.elements().next())
        : value.isTextual() && value.textValue().equals(TEXT);
  }
}
