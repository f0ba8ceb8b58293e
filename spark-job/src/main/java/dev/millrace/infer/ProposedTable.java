package dev.millrace.infer;

import dev.millrace.config.TableDefinition;
import dev.millrace.config.parse.TableLoader;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A {@code table:} section before it is one.
 *
 * @param key names of columns
 * @param hasPythonBytes whether its texts are Python bytes literals
 * @param nullTokens texts that mean null, once a literal is undone
 * @param replicaIdentity as Postgres has it; empty where only messages were read, which do not tell
 * @param doubts what concerns the table as a whole
 */
public record ProposedTable(
    List<String> key,
    boolean hasPythonBytes,
    List<String> nullTokens,
    Optional<String> replicaIdentity,
    List<ProposedColumn> columns,
    List<String> doubts) {

  /** A table that messages tell of. */
  public ProposedTable(
      List<String> key,
      boolean hasPythonBytes,
      List<String> nullTokens,
      List<ProposedColumn> columns,
      List<String> doubts) {
    this(key, hasPythonBytes, nullTokens, Optional.empty(), columns, doubts);
  }

  private static final String PLACE = "proposed table";

  /**
   * What YAML takes for text without quotes, also within {@code {...}}, and substitution leaves.
   */
  private static final Pattern PLAIN =
      Pattern.compile("[A-Za-z_][A-Za-z0-9_./+-]*([ (][A-Za-z0-9_./+-]+\\)?)*");

  private static final Pattern YAML_WORD =
      Pattern.compile("(?i)null|true|false|yes|no|on|off|y|n|nan");

  public ProposedTable {
    key = List.copyOf(key);
    nullTokens = List.copyOf(nullTokens);
    columns = List.copyOf(columns);
    doubts = List.copyOf(doubts);
  }

  /** The section as YAML, each doubt a comment above what it is about; ends with a line break. */
  public String toYaml() {
    StringBuilder yaml = new StringBuilder("table:\n");
    doubts.forEach(doubt -> yaml.append(comment("  ", doubt)));
    if (!key.isEmpty()) {
      yaml.append("  key: ").append(list(key)).append('\n');
    }
    replicaIdentity.ifPresent(
        identity -> yaml.append("  replica-identity: ").append(scalar(identity)).append('\n'));
    if (hasPythonBytes) {
      yaml.append("  text-encoding: python-bytes\n");
    }
    if (!nullTokens.isEmpty()) {
      yaml.append("  null-tokens: ").append(quoted(nullTokens)).append('\n');
    }
    yaml.append("  columns:\n");
    for (ProposedColumn column : columns) {
      column.doubts().forEach(doubt -> yaml.append(comment("    ", doubt)));
      yaml.append("    ").append(scalar(column.name())).append(": {");
      if (!column.name().equals(column.from())) {
        yaml.append("from: ").append(scalar(column.from())).append(", ");
      }
      yaml.append(
              column.type().attributes().entrySet().stream()
                  .map(attribute -> attribute.getKey() + ": " + type(attribute.getValue()))
                  .collect(Collectors.joining(", ")))
          .append("}\n");
    }
    return yaml.toString();
  }

  /** The section as a pipeline would have it. */
  public TableDefinition toDefinition() {
    return TableLoader.parse(toYaml(), PLACE);
  }

  private static String comment(String indentation, String doubt) {
    // A value of the data must not end the comment.
    return indentation + "# " + doubt.replaceAll("\\R|\\p{Cc}", " ") + "\n";
  }

  private static String list(List<String> names) {
    return names.stream().map(ProposedTable::scalar).collect(Collectors.joining(", ", "[", "]"));
  }

  private static String quoted(List<String> texts) {
    return texts.stream().map(ProposedTable::quoted).collect(Collectors.joining(", ", "[", "]"));
  }

  /** A type's commas and brackets mean something within {@code {...}}. */
  private static String type(String text) {
    return text.matches("[a-z][a-z0-9-]*") ? text : quoted(text);
  }

  private static String scalar(String text) {
    return PLAIN.matcher(text).matches() && !YAML_WORD.matcher(text).matches()
        ? text
        : quoted(text);
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            character -> {
              if (character == '"' || character == '\\') {
                quoted.append('\\').appendCodePoint(character);
              } else if (character < ' ' || (character >= 0x7f && character < 0xa0)) {
                quoted.append(String.format("\\x%02x", character));
              } else if (character >= 0xd800 && !Character.isLetterOrDigit(character)) {
                quoted.append(String.format("\\U%08x", character));
              } else {
                quoted.appendCodePoint(character);
              }
            });
    // A reference to the environment is what it would be taken for.
    return quoted.append('"').toString().replace("${", "$${");
  }
}
