package dev.millrace.config.parse;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.SourceDefinition;
import dev.millrace.config.TableDefinition;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a {@code table:} section that stands by itself, as {@code infer} prints it and a checkpoint
 * folder keeps it. Pure.
 */
public final class TableLoader {

  /** Any topic of changes: all of them reserve the same names. */
  public static final SourceDefinition ANY_TOPIC =
      new KafkaSourceDefinition("", "", "earliest", 1, Map.of());

  private TableLoader() {}

  /** The table of changes in a YAML text, as the other one reads it. */
  public static TableDefinition parse(String yaml, String place) {
    return parse(yaml, place, ANY_TOPIC);
  }

  /**
   * The table of a YAML text whose only key is {@code table}; nothing of the environment enters it.
   *
   * @param place what messages name, with the line behind it
   * @param source whose names are reserved
   * @throws dev.millrace.error.UserException with every problem of the text
   */
  public static TableDefinition parse(String yaml, String place, SourceDefinition source) {
    Problems problems = new Problems();
    YamlParser parser = new YamlParser(new Substitution(Map.of()), problems);
    Optional<ConfigNode.Mapping> root = parser.parseFile(yaml, place);
    Section section =
        Section.root(new Reading(problems, parser), root.orElseThrow(problems::toException));
    TableDefinition table = TableParser.parse(section, source);
    section.finish();
    if (!problems.isEmpty()) {
      throw problems.toException();
    }
    return table;
  }
}
