package dev.millrace.infer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.event.PostgresTable.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The type of a column by its type in Postgres, for messages of a connector that is set up like
 * those of this project: {@code time.precision.mode=adaptive}, {@code
 * decimal.handling.mode=string}, {@code interval.handling.mode=string}. Pure.
 */
final class PostgresTypes {

  private static final Pattern PARAMETERS = Pattern.compile("\\(([^)]*)\\)");
  private static final Pattern NUMERIC = Pattern.compile("numeric\\((\\d+),(\\d+)\\)");

  /** As Postgres writes an interval: {@code 1 year 2 mons 3 days 04:05:06}. */
  private static final Pattern MONTHS = Pattern.compile(".*\\b(years?|mons?)\\b.*");

  private static final int WIDEST = 38;
  private static final int MAX_MILLIS = 3;
  private static final String ARRAY = "[]";

  private static final Set<String> LOADED =
      Set.of("text", "character varying", "character", "citext");

  private static final Set<String> TEXTS =
      Set.of(
          "\"char\"",
          "name",
          "xml",
          "inet",
          "cidr",
          "macaddr",
          "macaddr8",
          "ltree",
          "tsvector",
          "int4range",
          "int8range",
          "numrange",
          "tsrange",
          "tstzrange",
          "daterange",
          "money");

  /** Of these types the connector leaves arrays out of its messages. */
  private static final Set<String> NO_ARRAYS =
      Set.of("money", "name", "interval", "bit varying", "xml", "point");

  /** Columns of these types the connector leaves out, unless it is told otherwise. */
  private static final Set<String> NOT_SENT =
      Set.of(
          "xid",
          "tsquery",
          "pg_lsn",
          "jsonpath",
          "regclass",
          "int4multirange",
          "int8multirange",
          "nummultirange",
          "tsmultirange",
          "tstzmultirange",
          "datemultirange");

  private PostgresTypes() {}

  /** What the connector's messages lack of a column's values, a sentence each. */
  static List<String> omissions(Column column, String replicaIdentity) {
    List<String> omissions = new ArrayList<>();
    if (column.isGenerated()) {
      omissions.add(
          "Generated: in the snapshot only. A streamed change lists it in 'unchanged'; compute it"
              + " in SQL.");
    }
    if (base(column.type()).equals("name")) {
      omissions.add("In the snapshot only: the connector streams null for values of type name.");
    }
    if (column.isNullWhenUnchanged()
        && !column.hasDomainElements()
        && !isLeftOut(column)
        && !replicaIdentity.equals("full")) {
      omissions.add(
          "A long value that an update does not touch arrives as null: REPLICA IDENTITY FULL sends"
              + " it.");
    }
    return omissions;
  }

  private static boolean isLeftOut(Column column) {
    return column.type().endsWith(ARRAY)
        && NO_ARRAYS.contains(
            base(column.type().substring(0, column.type().length() - ARRAY.length())));
  }

  /** Whether a column holds text that a loader may have put anything into. */
  static boolean isText(Column column) {
    return LOADED.contains(base(column.type()));
  }

  /**
   * The type of a column.
   *
   * @param values some of its values, as Postgres writes them
   */
  static Finding of(Column column, List<JsonNode> values) {
    if (!column.type().endsWith(ARRAY)) {
      return ofOne(column, values);
    }
    String type = column.type().substring(0, column.type().length() - ARRAY.length());
    if (column.hasDomainElements()) {
      return Finding.doubtful(ProposedType.STRING, "The connector leaves out arrays of domains.");
    }
    if (isLeftOut(column)) {
      return Finding.doubtful(
          ProposedType.STRING, "The connector leaves out arrays of %s.".formatted(base(type)));
    }
    Finding element = ofOne(new Column(column.name(), type, column.isEnum()), List.of());
    return new Finding(ProposedType.arrayOf(element.type()), List.of(), element.doubts());
  }

  private static Finding ofOne(Column column, List<JsonNode> values) {
    String type = column.type();
    return switch (base(type)) {
      case "boolean" -> Finding.sure(ProposedType.BOOLEAN);
      case "smallint" -> Finding.sure(ProposedType.of("smallint"));
      case "integer" -> Finding.sure(ProposedType.of("int"));
      case "bigint", "oid" -> Finding.sure(ProposedType.BIGINT);
      case "real" -> Finding.sure(ProposedType.of("float"));
      case "double precision" -> Finding.sure(ProposedType.DOUBLE);
      case "numeric" -> numeric(type);
      case "bytea", "bit varying" -> Finding.sure(ProposedType.BINARY);
      case "bit" ->
          Finding.sure(type.equals("bit(1)") ? ProposedType.BOOLEAN : ProposedType.BINARY);
      case "date" -> Finding.sure(ProposedType.date("days"));
      case "timestamp without time zone" -> Finding.sure(ProposedType.timestamp(unit(type)));
      case "timestamp with time zone" -> Finding.sure(ProposedType.timestamp("iso"));
      case "time without time zone" -> Finding.sure(ProposedType.time(unit(type)));
      case "time with time zone" -> Finding.sure(ProposedType.TIMETZ);
      case "interval" -> interval(values);
      case "uuid" -> Finding.sure(ProposedType.UUID);
      case "json", "jsonb" -> Finding.sure(ProposedType.JSON);
      case "hstore" -> Finding.sure(ProposedType.MAP);
      case "point", "geometry", "geography" -> Finding.sure(ProposedType.GEOMETRY);
      default -> other(column);
    };
  }

  private static Finding other(Column column) {
    if (NOT_SENT.contains(base(column.type()))) {
      return Finding.doubtful(
          ProposedType.STRING,
          "The connector leaves out columns of type %s.".formatted(base(column.type())));
    }
    return column.isEnum() || isText(column) || TEXTS.contains(base(column.type()))
        ? Finding.sure(ProposedType.STRING)
        : Finding.doubtful(
            ProposedType.STRING,
            "Of the type %s in Postgres: look at what the connector sends."
                .formatted(column.type()));
  }

  private static Finding numeric(String type) {
    Matcher matcher = NUMERIC.matcher(type);
    if (matcher.matches()) {
      int precision = Integer.parseInt(matcher.group(1));
      int scale = Integer.parseInt(matcher.group(2));
      if (precision <= WIDEST && scale <= precision) {
        return Finding.sure(ProposedType.decimal(precision, scale));
      }
    }
    return Finding.doubtful(
        ProposedType.STRING,
        type + " in Postgres: declare decimal(p,s) as wide as its values, up to decimal(38,s).");
  }

  private static Finding interval(List<JsonNode> values) {
    return values.stream()
        .map(JsonNode::asText)
        .filter(value -> MONTHS.matcher(value).matches())
        .findFirst()
        .map(
            value ->
                Finding.doubtful(
                    ProposedType.STRING,
                    "Intervals with months, such as %s: a month is not a fixed number of days."
                        .formatted(value)))
        .orElse(Finding.sure(ProposedType.INTERVAL));
  }

  private static String unit(String type) {
    Matcher digits = PARAMETERS.matcher(type);
    return digits.find() && Integer.parseInt(digits.group(1)) <= MAX_MILLIS ? "millis" : "micros";
  }

  /**
   * The type without its precision, which {@code timestamp(3) without time zone} has in the middle,
   * without the fields of an interval, and without the schema of an extension.
   */
  private static String base(String type) {
    return PARAMETERS
        .matcher(type)
        .replaceFirst("")
        .replaceFirst("^interval .*", "interval")
        .replaceFirst("^[a-z_]+[.]", "");
  }
}
