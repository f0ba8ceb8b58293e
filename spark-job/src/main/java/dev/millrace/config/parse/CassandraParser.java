package dev.millrace.config.parse;

import dev.millrace.config.CassandraConnection;
import dev.millrace.config.CassandraSourceDefinition;
import dev.millrace.config.CassandraTableName;
import dev.millrace.config.LookupDefinition.CassandraLookup;
import dev.millrace.config.Values;
import dev.millrace.error.CassandraErrors;
import dev.millrace.error.UserErrors;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Reads the Cassandra settings of a source or a lookup, and the connection of a sink. */
public final class CassandraParser {

  private static final String DEFAULT_CONTACT_POINTS = "localhost:9042";

  /** Consistencies of writes, as a user spells them. */
  public static final List<String> CONSISTENCIES =
      List.of(
          "any",
          "one",
          "two",
          "three",
          "quorum",
          "all",
          "local-one",
          "local-quorum",
          "each-quorum");

  private static final List<String> WRITES_ONLY = List.of("any", "each-quorum");

  private static final List<String> READ_CONSISTENCIES =
      CONSISTENCIES.stream().filter(level -> !WRITES_ONLY.contains(level)).toList();

  private static final String DEFAULT_RELOAD = "10m";

  /** Options of the driver that Millrace sets, and why. */
  private static final Map<String, String> RESERVED =
      Map.of(
          "basic.contact-points", "write it as contact-points.",
          "basic.load-balancing-policy.local-datacenter", "write it as local-datacenter.",
          "basic.request.consistency", "write it as consistency.",
          "basic.request.default-idempotence", "all statements are idempotent.");

  private CassandraParser() {}

  static CassandraSourceDefinition source(Section source) {
    return new CassandraSourceDefinition(
        tableToRead(source),
        source.optional("splits", Values.number(1, 1_000), "8").intValue(),
        source.optional("sample", Values.number(0, 1_000), "5").intValue(),
        List.of(),
        List.of());
  }

  static CassandraLookup lookup(String name, Section lookup) {
    return new CassandraLookup(
        name,
        tableToRead(lookup),
        lookup.optional("reload", CassandraParser::reload, DEFAULT_RELOAD));
  }

  private static Optional<Duration> reload(String text) {
    try {
      return text.equals("never") ? Optional.empty() : Optional.of(Values.duration(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(CassandraErrors.expectReload(), e);
    }
  }

  private static CassandraTableName tableToRead(Section section) {
    CassandraConnection connection = connection(section);
    return new CassandraTableName(
        connection,
        section.optional(
            "consistency", Values.oneOf(READ_CONSISTENCIES, Function.identity()), "local-quorum"),
        section.required("keyspace", Values::text, "", UserErrors.expectText()),
        section.required("table", Values::text, "", UserErrors.expectText()));
  }

  /** Reads how a cluster is reached. */
  public static CassandraConnection connection(Section section) {
    section.renamed("patience", "retry-timeout");
    return new CassandraConnection(
        section.path(),
        Arrays.stream(
                section
                    .optional("contact-points", Values::bootstrapServers, DEFAULT_CONTACT_POINTS)
                    .split(",", -1))
            .map(String::strip)
            .toList(),
        section.optional("local-datacenter", Values::text, "datacenter1"),
        section.optional("username", text -> text, ""),
        section.optional("password", text -> text, ""),
        section.optional("retry-timeout", Values::duration, "10m"),
        section.options("options", CassandraParser::objection));
  }

  private static Optional<String> objection(String option) {
    if (RESERVED.containsKey(option)) {
      return Optional.of(UserErrors.reservedOption(option, RESERVED.get(option)));
    }
    return option.startsWith("basic.") || option.startsWith("advanced.")
        ? Optional.empty()
        : Optional.of(CassandraErrors.notADriverOption());
  }
}
