package dev.millrace.config.parse;

import dev.millrace.config.SourceDefinition;
import dev.millrace.error.UserErrors;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The kinds of sources and the keys that each has. A kind is one constant here, next to its record,
 * a {@link SourceDefinition}.
 */
enum SourceKind {
  KAFKA {
    @Override
    SourceDefinition read(Section source, Section settings) {
      return KafkaSourceParser.parse(source, settings);
    }
  },

  FILES {
    @Override
    SourceDefinition read(Section source, Section settings) {
      return FileSourceParser.parse(settings);
    }
  },

  CASSANDRA {
    @Override
    SourceDefinition read(Section source, Section settings) {
      return CassandraParser.source(settings);
    }
  };

  /**
   * Reads the settings of this kind.
   *
   * @param source the section {@code source}, for keys outside the settings
   * @param settings the section below it that has the kind's name
   */
  abstract SourceDefinition read(Section source, Section settings);

  /** The key that chooses it. */
  String spelling() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads {@code source}; where it names no kind, what a Kafka topic lacks is reported. */
  static SourceDefinition parse(Section source) {
    List<SourceKind> named =
        Arrays.stream(values()).filter(kind -> source.has(kind.spelling())).toList();
    if (named.size() > 1) {
      source.problem(
          named.get(1).spelling(),
          UserErrors.severalSources(named.stream().map(SourceKind::spelling).toList()));
    }
    Arrays.stream(values()).map(SourceKind::spelling).forEach(source::allow);
    SourceKind kind = named.isEmpty() ? KAFKA : named.get(0);
    if (kind == KAFKA) {
      source.allow("postgres");
    }
    Section settings = source.section(kind.spelling());
    SourceDefinition definition = kind.read(source, settings);
    settings.finish();
    source.finish();
    return definition;
  }
}
