package dev.millrace.infer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.Predicate;

/** The type of a field by its values alone. Pure. */
final class ValueTypes {

  private ValueTypes() {}

  /**
   * The narrowest type as which the decoder reads every value.
   *
   * @param hasPythonBytes whether the table's texts are Python bytes literals
   */
  static Finding of(SampledField field, boolean hasPythonBytes) {
    List<JsonNode> values = field.values();
    if (values.isEmpty()) {
      return Finding.doubtful(ProposedType.STRING, "No value was seen, only null.");
    }
    if (are(values, JsonNode::isTextual)) {
      return TextTypes.of(values, hasPythonBytes);
    }
    if (are(values, JsonNode::isBoolean)) {
      return Finding.sure(ProposedType.BOOLEAN);
    }
    if (are(values, JsonNode::isNumber)) {
      return ofNumbers(field.name(), values);
    }
    return are(values, JsonNode::isContainerNode)
        ? Finding.doubtful(ProposedType.STRING, "Objects or arrays, kept as their JSON text.")
        : Finding.doubtful(
            ProposedType.STRING, "The values are of several kinds, kept as their JSON text.");
  }

  private static Finding ofNumbers(String field, List<JsonNode> values) {
    if (!are(values, JsonNode::isIntegralNumber)) {
      return firstThatReads(values, List.of(ProposedType.DOUBLE));
    }
    return EpochTypes.of(field, values)
        .orElseGet(
            () ->
                firstThatReads(values, List.of(ProposedType.BIGINT, ProposedType.decimal(38, 0))));
  }

  private static Finding firstThatReads(List<JsonNode> values, List<ProposedType> types) {
    for (ProposedType type : types) {
      ValueTrial trial = new ValueTrial(type, false, List.of());
      if (are(values, trial::reads)) {
        return Finding.sure(type);
      }
    }
    return Finding.doubtful(
        ProposedType.STRING,
        "Numbers that are no " + types.get(types.size() - 1).spoken() + ", kept as text.");
  }

  private static boolean are(List<JsonNode> values, Predicate<JsonNode> kind) {
    return values.stream().allMatch(kind);
  }
}
