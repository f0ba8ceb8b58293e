package dev.millrace.stack.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.stack.error.StackErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A connector as {@code POST /connectors} takes it.
 *
 * @param config in the order of the file; {@code ${env:NAME}} is left for the worker to resolve
 */
public record ConnectorDefinition(String name, Map<String, String> config) {

  private static final ObjectMapper JSON = new ObjectMapper();

  public ConnectorDefinition {
    config = Collections.unmodifiableMap(new LinkedHashMap<>(config));
  }

  /** Reads a file of {@code connect-config/}. */
  public static ConnectorDefinition load(Path file) {
    JsonNode root;
    try {
      root = JSON.readTree(Files.readString(file));
    } catch (JsonProcessingException e) {
      throw StackErrors.invalidConnector(file, "it is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw StackErrors.unreadableFile(file, e);
    }
    if (!root.path("name").isTextual() || !root.path("config").isObject()) {
      throw StackErrors.invalidConnector(file, "\"name\" or \"config\" is missing");
    }
    return new ConnectorDefinition(
        root.get("name").asText(),
        JSON.convertValue(root.get("config"), new TypeReference<Map<String, String>>() {}));
  }

  /** The same under another name. */
  public ConnectorDefinition named(String otherName) {
    return new ConnectorDefinition(otherName, config);
  }

  /** The same with one setting added or changed. */
  public ConnectorDefinition with(String key, String value) {
    Map<String, String> changed = new LinkedHashMap<>(config);
    changed.put(key, value);
    return new ConnectorDefinition(name, changed);
  }

  /** The value of a setting, or the empty string. */
  public String setting(String key) {
    return config.getOrDefault(key, "");
  }

  String configJson() {
    try {
      return JSON.writeValueAsString(config);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
