package dev.millrace.infer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * Decimals that bring their scale along, which is how the connector sends a {@code numeric} without
 * one: {@code {"scale":2,"value":"BNI="}}. Pure.
 */
final class Decimals {

  /** What is proposed where no value tells more. */
  static final ProposedType OF_ANY_SCALE = ProposedType.decimal(38, 10);

  private static final List<ProposedType> TYPES =
      List.of(OF_ANY_SCALE, ProposedType.decimal(38, 18), ProposedType.decimal(38, 4));

  private Decimals() {}

  static boolean isOne(JsonNode value) {
    return value.size() == 2 && value.path("scale").isInt() && value.path("value").isTextual();
  }

  /** The type of values of this form. */
  static Finding of(List<JsonNode> values) {
    for (ProposedType type : TYPES) {
      ValueTrial trial = new ValueTrial(type, false, List.of());
      if (values.stream().allMatch(trial::reads)) {
        return Finding.doubtful(type, doubt(type));
      }
    }
    return Finding.doubtful(
        ProposedType.STRING,
        "Decimals with more digits than decimal(38,s) has, kept as their JSON text.");
  }

  /** What to look at where a type is proposed for them. */
  static String doubt(ProposedType type) {
    return "A numeric without a scale: what does not fit %s is a reject.".formatted(type.spoken());
  }
}
