package dev.millrace.config.parse;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A part of the configuration after substitution. A value that belongs to a key has the key's line,
 * an item of a list its own.
 */
sealed interface ConfigNode {

  Origin origin();

  /** What a user calls it. */
  String description();

  /**
   * A scalar. YAML's own types play no part: the environment and flags know text alone, and the
   * reader knows which type a key has.
   *
   * @param variables the environment's variables that make up the text
   */
  record Text(String text, Set<String> variables, Origin origin) implements ConfigNode {
    @Override
    public String description() {
      return "a single value";
    }
  }

  /** A key without a value, or YAML's {@code null}. */
  record Null(Origin origin) implements ConfigNode {
    @Override
    public String description() {
      return "nothing";
    }
  }

  /** A list. */
  record Sequence(List<ConfigNode> items, Origin origin) implements ConfigNode {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String description() {
      return "a list";
    }
  }

  /** Keys and values in the order of the file. */
  record Mapping(Map<String, ConfigNode> entries, Origin origin) implements ConfigNode {
    public Mapping {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    @Override
    public String description() {
      return "a mapping";
    }

    Mapping with(String key, ConfigNode value) {
      Map<String, ConfigNode> changed = new LinkedHashMap<>(entries);
      changed.put(key, value);
      return new Mapping(changed, origin);
    }
  }

  /** A value whose problem is reported already; readers pass over it in silence. */
  record Broken(Origin origin) implements ConfigNode {
    @Override
    public String description() {
      return "an invalid value";
    }
  }
}
