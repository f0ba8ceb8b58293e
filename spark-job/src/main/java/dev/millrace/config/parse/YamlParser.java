package dev.millrace.config.parse;

import dev.millrace.error.YamlErrors;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.ReaderException;

/** YAML text to {@link ConfigNode}s, references to the environment replaced. Pure. */
final class YamlParser {

  private final Substitution substitution;
  private final Problems problems;

  YamlParser(Substitution substitution, Problems problems) {
    this.substitution = substitution;
    this.problems = problems;
  }

  /** The file's keys and values; empty, with a problem noted, where it has none. */
  Optional<ConfigNode.Mapping> parseFile(String yaml, String file) {
    Origin start = Origin.file(file, 1);
    Function<Integer, Origin> origins = line -> Origin.file(file, line);
    Optional<ConfigNode> root = parse(yaml, start, "", origins, true);
    if (root.isEmpty()) {
      return Optional.empty();
    }
    if (root.get() instanceof ConfigNode.Mapping mapping) {
      return Optional.of(mapping);
    }
    problems.add(
        root.get().origin(),
        "",
        root.get() instanceof ConfigNode.Null
            ? YamlErrors.emptyFile()
            : YamlErrors.notAPipeline(root.get().description()));
    return Optional.empty();
  }

  /** The list or mapping that a flag gives as YAML. */
  ConfigNode parseFlag(String yaml, String path, Origin flag) {
    return parse(yaml, flag, path, line -> flag, false).orElse(new ConfigNode.Broken(flag));
  }

  private Optional<ConfigNode> parse(
      String yaml,
      Origin start,
      String path,
      Function<Integer, Origin> origins,
      boolean substitutes) {
    Node root;
    try {
      root = new Yaml().compose(new StringReader(yaml));
    } catch (MarkedYAMLException e) {
      int line = line(e.getProblemMark());
      String problem =
          e.getContext() == null || e.getContextMark() == null
              ? YamlErrors.yamlSyntax(e.getProblem())
              : YamlErrors.yamlSyntax(e.getContext(), line(e.getContextMark()), e.getProblem());
      problems.add(origins.apply(line), path, problem);
      return Optional.empty();
    } catch (ReaderException e) {
      int line = 1 + (int) yaml.codePoints().limit(e.getPosition()).filter(c -> c == '\n').count();
      problems.add(origins.apply(line), path, YamlErrors.yamlCharacter(e.getCodePoint()));
      return Optional.empty();
    } catch (YAMLException e) {
      problems.add(start, path, YamlErrors.yamlSyntax(e.getMessage()));
      return Optional.empty();
    }
    if (root == null) {
      return Optional.of(new ConfigNode.Null(start));
    }
    Conversion conversion = new Conversion(origins, substitutes);
    return Optional.of(conversion.convert(root, line(root), path));
  }

  private static int line(Node node) {
    return line(node.getStartMark());
  }

  private static int line(Mark mark) {
    return mark == null ? 1 : mark.getLine() + 1;
  }

  /** One walk over a document. */
  private final class Conversion {

    private final Function<Integer, Origin> origins;
    private final boolean substitutes;
    private final Set<Node> open = Collections.newSetFromMap(new IdentityHashMap<>());

    Conversion(Function<Integer, Origin> origins, boolean substitutes) {
      this.origins = origins;
      this.substitutes = substitutes;
    }

    ConfigNode convert(Node node, int line, String path) {
      Origin origin = origins.apply(line);
      if (!open.add(node)) {
        problems.add(origin, path, YamlErrors.recursiveAlias());
        return new ConfigNode.Broken(origin);
      }
      ConfigNode converted =
          node instanceof MappingNode mapping
              ? mapping(mapping, origin, path)
              : node instanceof SequenceNode sequence
                  ? sequence(sequence, origin, path)
                  : scalar((ScalarNode) node, origin, path);
      open.remove(node);
      return converted;
    }

    private ConfigNode mapping(MappingNode mapping, Origin origin, String path) {
      Map<String, ConfigNode> entries = new LinkedHashMap<>();
      Map<String, Integer> lines = new LinkedHashMap<>();
      for (NodeTuple entry : mapping.getValue()) {
        int line = line(entry.getKeyNode());
        if (!(entry.getKeyNode() instanceof ScalarNode keyNode)) {
          problems.add(origins.apply(line), path, YamlErrors.keyIsNoText());
          continue;
        }
        String key = keyNode.getValue();
        String keyPath = path.isEmpty() ? key : path + "." + key;
        Integer firstLine = lines.putIfAbsent(key, line);
        if (firstLine == null) {
          entries.put(key, convert(entry.getValueNode(), line, keyPath));
        } else {
          problems.add(origins.apply(line), keyPath, YamlErrors.duplicateKey(firstLine));
        }
      }
      return new ConfigNode.Mapping(entries, origin);
    }

    private ConfigNode sequence(SequenceNode sequence, Origin origin, String path) {
      List<ConfigNode> items = new ArrayList<>();
      for (Node item : sequence.getValue()) {
        items.add(convert(item, line(item), path));
      }
      return new ConfigNode.Sequence(items, origin);
    }

    private ConfigNode scalar(ScalarNode scalar, Origin origin, String path) {
      if (scalar.getTag().equals(Tag.NULL)) {
        return new ConfigNode.Null(origin);
      }
      if (!substitutes) {
        return new ConfigNode.Text(scalar.getValue(), Set.of(), origin);
      }
      Substitution.Substituted substituted = substitution.substitute(scalar.getValue());
      for (String unset : substituted.unset()) {
        problems.add(origin.environment(unset), path, YamlErrors.unsetVariable(unset));
      }
      if (substituted.malformed()) {
        problems.add(origin, path, YamlErrors.malformedReference());
      }
      if (substituted.malformed() || !substituted.unset().isEmpty()) {
        return new ConfigNode.Broken(origin);
      }
      Set<String> variables = substituted.variables();
      return new ConfigNode.Text(
          substituted.text(),
          variables,
          variables.isEmpty() ? origin : origin.environment(String.join(", ", variables)));
    }
  }
}
