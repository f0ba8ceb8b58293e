package dev.millrace.config.parse;

import dev.millrace.config.FileFormat;
import dev.millrace.config.LookupDefinition;
import dev.millrace.config.LookupDefinition.FileLookup;
import dev.millrace.config.LookupDefinition.Reload;
import dev.millrace.config.Values;
import dev.millrace.error.TableErrors;
import dev.millrace.error.UserErrors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The kinds of lookups and the keys that each has. A kind is one constant here, next to its record
 * in {@link LookupDefinition}.
 */
enum LookupKind {
  FILES {
    @Override
    LookupDefinition read(String name, Section settings) {
      FileFormat format = FileSourceParser.format(settings);
      if (format == FileFormat.TEXT) {
        settings.problem("format", UserErrors.lookupOfText());
      }
      return new FileLookup(
          name,
          settings.required("path", Values::text, "", UserErrors.expectText()),
          format,
          FileSourceParser.options(settings, format),
          TableParser.parseLookup(settings),
          settings.optional("reload", Values.oneOf(Reload.class), "when-changed"));
    }
  },

  CASSANDRA {
    @Override
    LookupDefinition read(String name, Section settings) {
      return CassandraParser.lookup(name, settings);
    }
  };

  /** Reads the settings of this kind. */
  abstract LookupDefinition read(String name, Section settings);

  /** The key that chooses it. */
  String spelling() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads {@code lookups}. */
  static List<LookupDefinition> parse(Section lookups, String relation) {
    List<LookupDefinition> definitions = new ArrayList<>();
    for (Section lookup : lookups.sections()) {
      String name = lookup.name();
      if (!Values.isColumnName(name)) {
        lookups.problem(
            name, UserErrors.invalidValue("'" + name + "'", TableErrors.expectColumnName()));
      } else if (name.equalsIgnoreCase(relation)) {
        lookups.problem(name, UserErrors.lookupNamedAsRelation(relation));
      }
      parse(name, lookup).ifPresent(definitions::add);
    }
    return definitions;
  }

  private static Optional<LookupDefinition> parse(String name, Section lookup) {
    List<LookupKind> named =
        Arrays.stream(values()).filter(kind -> lookup.has(kind.spelling())).toList();
    Arrays.stream(values()).map(LookupKind::spelling).forEach(lookup::allow);
    if (named.isEmpty()) {
      List<String> kinds = Arrays.stream(values()).map(LookupKind::spelling).toList();
      lookup.problem(kinds.get(0), UserErrors.missingKey(UserErrors.oneOf("", kinds)));
    }
    Optional<LookupDefinition> definition =
        named.stream()
            .findFirst()
            .map(
                kind -> {
                  Section settings = lookup.section(kind.spelling());
                  LookupDefinition read = kind.read(name, settings);
                  settings.finish();
                  return read;
                });
    lookup.finish();
    return definition;
  }
}
