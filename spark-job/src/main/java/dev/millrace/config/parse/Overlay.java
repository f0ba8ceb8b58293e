package dev.millrace.config.parse;

import dev.millrace.config.parse.ConfigNode.Broken;
import dev.millrace.config.parse.ConfigNode.Mapping;
import dev.millrace.config.parse.ConfigNode.Null;
import dev.millrace.config.parse.ConfigNode.Text;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.error.CommandLineErrors;
import dev.millrace.error.UserErrors;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Lays what flags say over what a file states. Pure. */
final class Overlay {

  /** Keys below which a name may have dots. */
  private static final Set<String> OPEN_KEYS = Set.of("options", "conf");

  private static final Origin SINK = Origin.flag("--sink");
  private static final Origin SET = Origin.flag("--set");
  private static final Origin OUTPUT = Origin.flag("--output");
  private static final Origin AVAILABLE_NOW = Origin.flag("--available-now");
  private static final Origin CHECKPOINTS = Origin.flag("--checkpoints");

  private final Problems problems;
  private final YamlParser yaml;
  private final SinkKinds kinds;

  Overlay(Problems problems, YamlParser yaml, SinkKinds kinds) {
    this.kinds = kinds;
    this.problems = problems;
    this.yaml = yaml;
  }

  Mapping apply(Mapping file, Overrides overrides) {
    Mapping result = file;
    if (overrides.trigger().isPresent()) {
      Map<String, ConfigNode> trigger =
          Map.of("available-now", new Text("true", Set.of(), AVAILABLE_NOW));
      result = result.with("trigger", new Mapping(trigger, AVAILABLE_NOW));
    }
    if (overrides.checkpoints().isPresent()) {
      Text checkpoints = new Text(overrides.checkpoints().get(), Set.of(), CHECKPOINTS);
      result = result.with("checkpoints", checkpoints);
    }
    for (String setting : overrides.settings()) {
      result = set(result, setting);
    }
    return withSink(result, overrides);
  }

  private Mapping set(Mapping root, String setting) {
    int equals = setting.indexOf('=');
    if (equals < 1) {
      problems.add(SET, "", CommandLineErrors.settingWithoutValue(setting));
      return root;
    }
    return put(
        root,
        "",
        setting.substring(0, equals),
        new Text(setting.substring(equals + 1), Set.of(), SET));
  }

  private Mapping put(Mapping mapping, String parentPath, String path, Text value) {
    String parent = parentPath.substring(parentPath.lastIndexOf('.') + 1);
    int dot = OPEN_KEYS.contains(parent) ? -1 : path.indexOf('.');
    if (dot < 0) {
      return mapping.with(path, value);
    }
    String key = path.substring(0, dot);
    String keyPath = parentPath.isEmpty() ? key : parentPath + "." + key;
    ConfigNode node = structured(mapping.entries().get(key), keyPath, SET);
    if (node instanceof Mapping below) {
      return mapping.with(key, put(below, keyPath, path.substring(dot + 1), value));
    }
    if (!(node instanceof Broken)) {
      problems.add(
          SET,
          keyPath + "." + path.substring(dot + 1),
          CommandLineErrors.settingBelowValue(keyPath, node.description()));
    }
    return mapping;
  }

  /** A sink that {@code --set} gives to one output beats the one that {@code --sink} gives all. */
  private Mapping withSink(Mapping root, Overrides overrides) {
    if (!(structured(root.entries().get("outputs"), "outputs", SINK) instanceof Mapping outputs)) {
      return root;
    }
    List<String> names = List.copyOf(outputs.entries().keySet());
    if (overrides.outputs() instanceof OutputChoice.Named named) {
      for (String name : named.names()) {
        if (!names.contains(name)) {
          problems.add(OUTPUT, "", CommandLineErrors.unknownOutput(name, names));
        }
      }
    }
    if (overrides.sink().isEmpty()) {
      return root;
    }
    String sink = overrides.sink().get();
    try {
      kinds.parser().parse(sink);
    } catch (IllegalArgumentException e) {
      problems.add(SINK, "", UserErrors.invalidValue("'" + sink + "'", e.getMessage()));
      return root;
    }
    Mapping switched = outputs;
    for (String name : chosen(names, overrides.outputs())) {
      if (structured(outputs.entries().get(name), "outputs." + name, SINK) instanceof Mapping output
          && !(output.entries().get("sink") instanceof Text text
              && text.origin().kind() == Origin.Kind.FLAG)) {
        switched = switched.with(name, output.with("sink", new Text(sink, Set.of(), SINK)));
      }
    }
    return root.with("outputs", switched);
  }

  /** What a flag gives as YAML, parsed; what is missing or empty, as a mapping without keys. */
  private ConfigNode structured(ConfigNode node, String path, Origin unlessGiven) {
    if (node instanceof Text text && text.origin().kind() == Origin.Kind.FLAG) {
      return yaml.parseFlag(text.text(), path, text.origin());
    }
    if (node == null) {
      return new Mapping(Map.of(), unlessGiven);
    }
    return node instanceof Null ? new Mapping(Map.of(), node.origin()) : node;
  }

  private static List<String> chosen(List<String> names, OutputChoice choice) {
    if (choice instanceof OutputChoice.Named named) {
      return names.stream().filter(named.names()::contains).toList();
    }
    return choice instanceof OutputChoice.All ? names : names.subList(0, Math.min(1, names.size()));
  }
}
