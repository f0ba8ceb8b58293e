package dev.millrace.infer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.List;

/** Texts that hold JSON, as the connector sends {@code json} and {@code hstore}. Pure. */
final class JsonTexts {

  private static final ObjectMapper JSON = new ObjectMapper();

  private JsonTexts() {}

  /** Whether a text is an object or an array. */
  static boolean isDocument(String text) {
    return (text.startsWith("{") || text.startsWith("[")) && tree(text).isContainerNode();
  }

  /** The type of documents. */
  static Finding of(List<JsonNode> documents) {
    List<JsonNode> trees = documents.stream().map(text -> tree(text.textValue())).toList();
    boolean areMaps =
        trees.stream().allMatch(JsonTexts::isMap) && trees.stream().anyMatch(map -> !map.isEmpty());
    return areMaps
        ? Finding.doubtful(
            ProposedType.JSON, "If Postgres has an hstore: " + ProposedType.MAP.spoken() + ".")
        : Finding.sure(ProposedType.JSON);
  }

  /** Whether it is an object of texts and nulls. */
  static boolean isMap(JsonNode tree) {
    if (!tree.isObject()) {
      return false;
    }
    for (JsonNode value : tree) {
      if (!value.isTextual() && !value.isNull()) {
        return false;
      }
    }
    return true;
  }

  private static JsonNode tree(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }
}
