package dev.millrace.config.parse;

import dev.millrace.config.CassandraConnection;
import dev.millrace.config.CassandraSourceDefinition;
import dev.millrace.config.CassandraTableName;
import dev.millrace.config.LookupDefinition.CassandraLookup;
import dev.millrace.config.SinkDefinition.CassandraSink;
import dev.millrace.config.SinkDefinition.CassandraSink.ClusteringColumn;
import dev.millrace.config.SinkDefinition.CassandraSink.OnTruncate;
import dev.millrace.config.SinkDefinition.CassandraSink.Replication;
import dev.millrace.config.SinkDefinition.Create;
import dev.millrace.config.Values;
import dev.millrace.config.parse.SinkKind.SinkTemplate;
import dev.millrace.error.CassandraErrors;
import dev.millrace.error.UserErrors;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the Cassandra settings of a source or a sink. */
final class CassandraParser {

  private static final String DEFAULT_CONTACT_POINTS = "localhost:9042";
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,47}");
  private static final Pattern CLUSTERING =
      Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)(?: (asc|desc))?");

  private static final List<String> CONSISTENCIES =
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

  /** CQL's types that hold what a text stands for. */
  private static final List<String> TEXT_TYPES = List.of("text", "ascii", "uuid", "timeuuid");

  /** Options of the driver that Millrace sets, and why. */
  private static final Map<String, String> RESERVED =
      Map.of(
          "basic.contact-points", "write it as contact-points.",
          "basic.load-balancing-policy.local-datacenter", "write it as local-datacenter.",
          "basic.request.consistency", "write it as consistency.",
          "basic.request.default-idempotence", "all statements are idempotent.");

  private CassandraParser() {}

  static SinkTemplate sink(Section sink) {
    CassandraConnection connection = connection(sink);
    String keyspace = sink.optional("keyspace", CassandraParser::name, "millrace");
    Function<String, String> table = table(sink);
    Section replication = sink.section("replication");
    Replication copies =
        new Replication(
            replication.optional(
                "class",
                Values.oneOf(
                    List.of("SimpleStrategy", "NetworkTopologyStrategy"), Function.identity()),
                "SimpleStrategy"),
            replication.optional("factor", Values.number(1, 100), "1").intValue());
    replication.finish();
    Create create = sink.optional("create", Values.oneOf(Create.class), "never");
    String consistency =
        sink.optional(
            "consistency", Values.oneOf(CONSISTENCIES, Function.identity()), "local-quorum");
    List<ClusteringColumn> clustering =
        sink.list("clustering", CassandraParser::clustering, List.of());
    Map<String, String> types = types(sink.section("types"));
    OnTruncate onTruncate = sink.optional("on-truncate", Values.oneOf(OnTruncate.class), "fail");
    int inFlight = sink.optional("in-flight", Values.number(1, 10_000), "128").intValue();
    int rowsPerRequest =
        sink.optional("rows-per-request", Values.number(1, 1_000), "64").intValue();
    return output ->
        new CassandraSink(
            connection,
            keyspace,
            table.apply(output),
            copies,
            create,
            consistency,
            clustering,
            types,
            onTruncate,
            inFlight,
            rowsPerRequest);
  }

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

  private static CassandraConnection connection(Section section) {
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

  /** A keyspace's or a table's name, which CQL takes without quotes. */
  static String name(String text) {
    if (!NAME.matcher(text).matches()) {
      throw new IllegalArgumentException(CassandraErrors.expectName());
    }
    return text;
  }

  /** The table's name, in which {@code {output}} stands for the output's, its dashes replaced. */
  private static Function<String, String> table(Section sink) {
    String table = sink.optional("table", Values.template(CassandraParser::name), "{output}");
    return output -> table.replace("{output}", output.replace('-', '_').replace('.', '_'));
  }

  private static ClusteringColumn clustering(String text) {
    Matcher matcher = CLUSTERING.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(CassandraErrors.expectClustering());
    }
    return new ClusteringColumn(matcher.group(1), "desc".equals(matcher.group(2)));
  }

  private static Map<String, String> types(Section section) {
    Map<String, String> types = new LinkedHashMap<>();
    for (String column : section.keys()) {
      section
          .optional(column, Values.oneOf(TEXT_TYPES, Function.identity()))
          .ifPresent(type -> types.put(column, type));
    }
    section.finish();
    return types;
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
