package dev.millrace.infer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a sample of messages reports about one field. Filled while the messages are read, oldest
 * first.
 */
final class SampledField {

  private final String name;
  private final List<JsonNode> values = new ArrayList<>();
  private final Set<String> schemaTypes = new java.util.LinkedHashSet<>();
  private JsonNode schema;

  SampledField(String name) {
    this.name = name;
  }

  void addValue(JsonNode value) {
    if (!value.isNull() && !Placeholder.is(value)) {
      values.add(value);
    }
  }

  void addSchema(JsonNode newer) {
    schema = newer;
    schemaTypes.add(SchemaTypes.of(newer).spoken());
  }

  String name() {
    return name;
  }

  /** The values that are there: not null, and not Debezium's placeholder for an unsent one. */
  List<JsonNode> values() {
    return values;
  }

  /** The schema of the newest message that has one. */
  Optional<JsonNode> schema() {
    return Optional.ofNullable(schema);
  }

  /** Every type that a schema gave the field, the oldest first. */
  List<String> schemaTypes() {
    return List.copyOf(schemaTypes);
  }
}
