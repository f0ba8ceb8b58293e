package dev.millrace.infer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** The type of a field by its values alone. Pure. */
final class ValueTypes {

  /** What Connect's converter writes for numbers that JSON has no numbers for. */
  private static final Set<String> NUMBER_NAMES = Set.of("NaN", "Infinity", "-Infinity");

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
    if (are(values, value -> value.isNumber() || NUMBER_NAMES.contains(value.asText()))) {
      return ofNumbers(field.name(), values);
    }
    if (are(values, JsonNode::isObject)) {
      return ofObjects(values);
    }
    return are(values, JsonNode::isArray)
        ? ofArrays(field, hasPythonBytes)
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

  private static Finding ofObjects(List<JsonNode> values) {
    if (are(values, Decimals::isOne)) {
      return Decimals.of(values);
    }
    // A geometry has no reference system more often than not, but always the field for it.
    if (are(values, value -> value.has("wkb") && value.has("srid"))
        && areRead(values, ProposedType.GEOMETRY)) {
      return Finding.sure(ProposedType.GEOMETRY);
    }
    return are(values, JsonTexts::isMap) && values.stream().anyMatch(object -> !object.isEmpty())
        ? Finding.sure(ProposedType.MAP)
        : Finding.doubtful(ProposedType.STRING, "Objects, kept as their JSON text.");
  }

  private static Finding ofArrays(SampledField field, boolean hasPythonBytes) {
    SampledField elements = new SampledField(field.name());
    field.values().forEach(array -> array.forEach(elements::addValue));
    if (elements.values().isEmpty()) {
      return Finding.doubtful(
          ProposedType.STRING, "Arrays without a value in them, kept as their JSON text.");
    }
    Finding element = of(elements, hasPythonBytes);
    if (!element.type().isArray()) {
      ProposedType type = ProposedType.arrayOf(element.type());
      ValueTrial trial = new ValueTrial(type, hasPythonBytes, element.nullTokens());
      if (are(field.values(), trial::reads)) {
        return new Finding(type, element.nullTokens(), element.doubts());
      }
    }
    return Finding.doubtful(ProposedType.STRING, "Arrays, kept as their JSON text.");
  }

  private static Finding firstThatReads(List<JsonNode> values, List<ProposedType> types) {
    for (ProposedType type : types) {
      if (areRead(values, type)) {
        return Finding.sure(type);
      }
    }
    return Finding.doubtful(
        ProposedType.STRING,
        "Numbers that are no " + types.get(types.size() - 1).spoken() + ", kept as text.");
  }

  private static boolean areRead(List<JsonNode> values, ProposedType type) {
    return are(values, new ValueTrial(type, false, List.of())::reads);
  }

  private static boolean are(Iterable<JsonNode> values, Predicate<JsonNode> kind) {
    for (JsonNode value : values) {
      if (!kind.test(value)) {
        return false;
      }
    }
    return true;
  }
}
