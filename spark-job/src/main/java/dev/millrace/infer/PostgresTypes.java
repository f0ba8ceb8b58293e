package dev.millrace.infer;

import dev.millrace.event.PostgresTable.Column;
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

  private static final Pattern TYPE = Pattern.compile("([a-z \"_.]+?)(?:\\(([\\d,]+)\\))?( .*)?");
  private static final Pattern NUMERIC = Pattern.compile("numeric\\((\\d+),(\\d+)\\)");

  private static final int WIDEST = 38;
  private static final int MOST_MILLIS = 3;

  private static final Set<String> TEXTS =
      Set.of(
          "text",
          "character varying",
          "character",
          "\"char\"",
          "name",
          "citext",
          "uuid",
          "json",
          "jsonb",
          "xml",
          "inet",
          "cidr",
          "macaddr",
          "macaddr8",
          "interval",
          "time with time zone",
          "hstore",
          "ltree",
          "tsvector",
          "int4range",
          "int8range",
          "numrange",
          "tsrange",
          "tstzrange",
          "daterange",
          "bit",
          "money");

  private PostgresTypes() {}

  /** Whether a column holds text that a loader may have put anything into. */
  static boolean isText(Column column) {
    String type = base(column.type());
    return List.of("text", "character varying", "character", "citext").contains(type);
  }

  static Finding of(Column column) {
    String type = column.type();
    if (type.endsWith("[]")) {
      return Finding.doubtful(ProposedType.STRING, "An array, kept as its JSON text.");
    }
    return switch (base(type)) {
      case "boolean" -> Finding.sure(ProposedType.BOOLEAN);
      case "smallint" -> Finding.sure(ProposedType.of("smallint"));
      case "integer" -> Finding.sure(ProposedType.of("int"));
      case "bigint", "oid" -> Finding.sure(ProposedType.BIGINT);
      case "real" -> Finding.sure(ProposedType.of("float"));
      case "double precision" -> Finding.sure(ProposedType.DOUBLE);
      case "numeric" -> numeric(type);
      case "bytea" -> Finding.sure(ProposedType.BINARY);
      case "date" -> Finding.sure(ProposedType.date("days"));
      case "timestamp without time zone" ->
          Finding.sure(
              ProposedType.timestamp(fractionDigits(type) <= MOST_MILLIS ? "millis" : "micros"));
      case "timestamp with time zone" -> Finding.sure(ProposedType.timestamp("iso"));
      case "time without time zone" ->
          Finding.doubtful(
              ProposedType.BIGINT,
              (fractionDigits(type) <= MOST_MILLIS ? "Milliseconds" : "Microseconds")
                  + " since midnight.");
      default -> other(column);
    };
  }

  private static Finding other(Column column) {
    return column.isEnum() || TEXTS.contains(base(column.type()))
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

  /**
   * The type without its precision: {@code timestamp(3) without time zone} has it in the middle.
   */
  private static String base(String type) {
    Matcher matcher = TYPE.matcher(type);
    return matcher.matches()
        ? matcher.group(1) + (matcher.group(3) == null ? "" : matcher.group(3))
        : type;
  }

  private static int fractionDigits(String type) {
    Matcher matcher = TYPE.matcher(type);
    return matcher.matches() && matcher.group(2) != null ? Integer.parseInt(matcher.group(2)) : 6;
  }
}
