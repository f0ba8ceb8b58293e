package dev.millrace.config.parse;

import dev.millrace.config.Secrets;
import dev.millrace.config.ValueParser;
import dev.millrace.config.parse.ConfigNode.Broken;
import dev.millrace.config.parse.ConfigNode.Mapping;
import dev.millrace.config.parse.ConfigNode.Null;
import dev.millrace.config.parse.ConfigNode.Sequence;
import dev.millrace.config.parse.ConfigNode.Text;
import dev.millrace.error.UserErrors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Reads one mapping. The keys that were asked for are those that are allowed: {@link #finish()}
 * reports every other.
 */
public final class Section {

  private final Reading reading;
  private final String name;
  private final String path;
  private final Mapping mapping;
  private final boolean broken;
  private final Set<String> known;
  private final Map<String, String> renamed = new HashMap<>();

  private Section(Reading reading, String name, String path, Mapping mapping, boolean broken) {
    this(reading, name, path, mapping, broken, new LinkedHashSet<>());
  }

  private Section(
      Reading reading,
      String name,
      String path,
      Mapping mapping,
      boolean broken,
      Set<String> known) {
    this.known = known;
    this.reading = reading;
    this.name = name;
    this.path = path;
    this.mapping = mapping;
    this.broken = broken;
  }

  static Section root(Reading reading, Mapping mapping) {
    return new Section(reading, "", "", mapping, false);
  }

  /** The same section; but what is read through this view is in force for nobody. */
  Section withoutEffect() {
    return new Section(
        new Reading(reading.problems(), reading.yaml()), name, path, mapping, broken, known);
  }

  /** The key under which the section stands. */
  public String name() {
    return name;
  }

  /** Its dotted path. */
  public String path() {
    return path;
  }

  /** The dotted path of a key. */
  public String path(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** Lets a key stand that has no effect next to others. */
  public void allow(String key) {
    known.add(key);
  }

  /** Makes the former spelling of a key an error that names the present one. */
  public void renamed(String former, String key) {
    renamed.put(former, key);
  }

  public boolean has(String key) {
    return mapping.entries().containsKey(key);
  }

  /** Whether a key has keys below it, where it may have a value instead. */
  public boolean hasMapping(String key) {
    return structured(key) instanceof Mapping;
  }

  /** Where the key stands; where it would stand if it has no value. */
  Origin origin(String key) {
    ConfigNode node = mapping.entries().get(key);
    return node == null ? mapping.origin().byDefault() : node.origin();
  }

  public void problem(String key, String text) {
    reading.problems().add(origin(key), path(key), text);
  }

  /** A value without which there is no pipeline. */
  public <T> T required(String key, ValueParser<T> parser, T placeholder, String expectation) {
    return value(key, parser, expectation)
        .orElseGet(
            () -> {
              if (!has(key) && !broken) {
                problem(key, UserErrors.missingKey(expectation));
              }
              return placeholder;
            });
  }

  /**
   * A value with a default.
   *
   * @param fallback as a user would write it
   */
  public <T> T optional(String key, ValueParser<T> parser, String fallback) {
    Optional<T> value = value(key, parser, UserErrors.removeKey());
    if (value.isEmpty() && !has(key)) {
      reading.effective(path(key), Secrets.withoutPasswords(fallback), origin(key));
    }
    return value.orElseGet(() -> parser.parse(fallback));
  }

  /** A value that may be missing. */
  public <T> Optional<T> optional(String key, ValueParser<T> parser) {
    return value(key, parser, UserErrors.removeKey());
  }

  /** Notes what is in force where a key is not there. */
  void absent(String key, String shown) {
    reading.effective(path(key), shown, origin(key));
  }

  private <T> Optional<T> value(String key, ValueParser<T> parser, String expectation) {
    known.add(key);
    ConfigNode node = mapping.entries().get(key);
    if (node == null) {
      return Optional.empty();
    }
    Optional<T> value = parse(key, node, parser, expectation);
    if (value.isPresent()) {
      reading.effective(path(key), shown(key, (Text) node), node.origin());
    }
    return value;
  }

  /** A list of values, each parsed by itself. */
  public <T> List<T> list(String key, ValueParser<T> parser, List<T> fallback) {
    known.add(key);
    ConfigNode node = structured(key);
    if (node == null) {
      reading.effective(path(key), fallback.toString(), origin(key));
      return fallback;
    }
    if (!(node instanceof Sequence sequence)) {
      shapeProblem(key, node, "a list such as [first, second]");
      return fallback;
    }
    Set<T> values = new LinkedHashSet<>();
    for (ConfigNode item : sequence.items()) {
      parse(key, item, parser, UserErrors.removeItem())
          .filter(value -> !values.add(value))
          .ifPresent(
              value ->
                  reading
                      .problems()
                      .add(item.origin(), path(key), UserErrors.duplicateItem(value.toString())));
    }
    reading.effective(path(key), shownItems(sequence), node.origin());
    return List.copyOf(values);
  }

  /**
   * Texts by names that the pipeline does not know, to be passed on as they are.
   *
   * @param objection why a name is not allowed; empty if it is
   */
  public Map<String, String> options(String key, Function<String, Optional<String>> objection) {
    return options(key, objection, option -> text -> text);
  }

  /**
   * The same for names that are known.
   *
   * @param parser checks the value of an option that is allowed
   */
  public Map<String, String> options(
      String key,
      Function<String, Optional<String>> objection,
      Function<String, ValueParser<String>> parser) {
    Section section = section(key);
    Map<String, String> options = new LinkedHashMap<>();
    for (String option : section.mapping.entries().keySet()) {
      Optional<String> objected = objection.apply(option);
      objected.ifPresent(text -> section.problem(option, text));
      section
          .value(
              option,
              objected.isPresent() ? text -> text : parser.apply(option),
              UserErrors.expectText())
          .ifPresent(value -> options.put(option, value));
    }
    return options;
  }

  /** The mapping below a key; an empty one where there is none. */
  public Section section(String key) {
    known.add(key);
    ConfigNode node = structured(key);
    if (node instanceof Mapping below) {
      return new Section(reading, key, path(key), below, false);
    }
    boolean isMissing = node == null || node instanceof Null;
    if (!isMissing) {
      shapeProblem(key, node, "a mapping of keys");
    }
    Mapping empty = new Mapping(Map.of(), origin(key));
    return new Section(reading, key, path(key), empty, !isMissing);
  }

  /** The names in it, in the file's order. */
  public List<String> keys() {
    return List.copyOf(mapping.entries().keySet());
  }

  /** The mappings below this one, whose keys are names that the user chose. */
  List<Section> sections() {
    List<Section> sections = new ArrayList<>();
    for (String key : mapping.entries().keySet()) {
      sections.add(section(key));
    }
    return sections;
  }

  boolean isEmpty() {
    return mapping.entries().isEmpty() && !broken;
  }

  /** Reports keys that nobody asked for. To be called when everything was read. */
  public void finish() {
    for (String key : mapping.entries().keySet()) {
      if (renamed.containsKey(key)) {
        problem(key, UserErrors.renamedKey(key, renamed.get(key)));
      } else if (!known.contains(key)) {
        problem(key, UserErrors.unknownKey(key, known));
      }
    }
  }

  private <T> Optional<T> parse(
      String key, ConfigNode node, ValueParser<T> parser, String expectation) {
    if (node instanceof Text text) {
      try {
        return Optional.of(parser.parse(text.text()));
      } catch (IllegalArgumentException e) {
        reading
            .problems()
            .add(
                node.origin(),
                path(key),
                UserErrors.invalidValue(found(key, text), e.getMessage()));
      }
    } else if (node instanceof Null) {
      reading.problems().add(node.origin(), path(key), UserErrors.noValue(expectation));
    } else if (!(node instanceof Broken)) {
      reading
          .problems()
          .add(
              node.origin(),
              path(key),
              UserErrors.wrongShape("a single value", node.description()));
    }
    return Optional.empty();
  }

  /** A flag has but text: where a list or a mapping is expected, it is YAML. */
  private ConfigNode structured(String key) {
    ConfigNode node = mapping.entries().get(key);
    return node instanceof Text text && text.origin().kind() == Origin.Kind.FLAG
        ? reading.yaml().parseFlag(text.text(), path(key), text.origin())
        : node;
  }

  private void shapeProblem(String key, ConfigNode node, String expected) {
    if (!(node instanceof Broken)) {
      reading
          .problems()
          .add(node.origin(), path(key), UserErrors.wrongShape(expected, node.description()));
    }
  }

  private String found(String key, Text text) {
    String quoted = "'" + shown(key, text) + "'";
    return text.origin().kind() == Origin.Kind.ENVIRONMENT
        ? quoted + " (" + text.origin().label() + ")"
        : quoted;
  }

  private static String shown(String key, Text text) {
    return Secrets.isSecretName(key) || text.variables().stream().anyMatch(Secrets::isSecretName)
        ? Secrets.MASK
        : Secrets.withoutPasswords(text.text());
  }

  private static String shownItems(Sequence sequence) {
    return sequence.items().stream()
        .map(item -> item instanceof Text text ? shown("", text) : item.description())
        .map(item -> item.isBlank() ? '"' + item + '"' : item)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
