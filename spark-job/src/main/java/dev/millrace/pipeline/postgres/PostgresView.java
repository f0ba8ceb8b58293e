package dev.millrace.pipeline.postgres;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.ColumnType;
import dev.millrace.config.ColumnType.Kind;
import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.PostgresDefinition;
import dev.millrace.config.SourceDefinition.Contents;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TextEncoding;
import dev.millrace.error.PostgresErrors;
import dev.millrace.view.plan.LookupRows;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DecimalType;

/**
 * A pipeline's table as SQL of Postgres: the columns of the pipeline under their names and with
 * their types, from the columns that Postgres has. What the decoder does to the texts of a message
 * is done to the texts of a row, so the same query has the same result in both. Pure.
 *
 * <p>A value that the decoder rejects makes the query fail in Postgres.
 *
 * @param name of the view
 * @param select the query that is the view
 */
public record PostgresView(String name, String select) {

  /** Python's bytes literals undone: the escapes of {@code field.text}, without its quotes. */
  private static final String UNESCAPED =
      """
            SELECT CASE
              WHEN field.text IS NULL OR field.text !~ '^[bB][''"]' THEN field.text
              WHEN strpos(field.text, '\\') = 0 THEN substr(field.text, 3, length(field.text) - 3)
              ELSE (
                SELECT convert_from(coalesce(string_agg(CASE
                    WHEN token[1] ~ '^\\\\x' AND length(token[1]) = 4
                      THEN decode(substr(token[1], 3), 'hex')
                    WHEN token[1] ~ '^\\\\[0-7]{3}'
                      THEN decode('\\' || translate(substr(token[1], 2, 1), '4567', '0123')
                        || substr(token[1], 3), 'escape')
                    WHEN token[1] ~ '^\\\\[0-7]'
                      THEN decode('\\' || lpad(substr(token[1], 2), 3, '0'), 'escape')
                    WHEN token[1] IN ('\\\\', '\\''', '\\"')
                      THEN convert_to(substr(token[1], 2), 'UTF8')
                    WHEN token[1] = E'\\\\\\n' THEN ''
                    WHEN token[1] ~ '^\\\\[abfnrtv]$'
                      THEN decode(CASE right(token[1], 1)
                        WHEN 'a' THEN '07' WHEN 'b' THEN '08' WHEN 'f' THEN '0c' WHEN 'n' THEN '0a'
                        WHEN 'r' THEN '0d' WHEN 't' THEN '09' ELSE '0b' END, 'hex')
                    ELSE convert_to(token[1], 'UTF8') END, ''::bytea ORDER BY place), ''), 'UTF8')
                FROM regexp_matches(substr(field.text, 3, length(field.text) - 3),
                    '\\\\x[0-9a-fA-F]{2}|\\\\[0-7]{1,3}|\\\\.|[^\\\\]+', 'g')
                  WITH ORDINALITY AS tokens (token, place)
              ) END AS text
      """;

  /**
   * Quotes of CSV around a whole field taken off, inner ones doubled, as often as they are there.
   */
  private static final String UNQUOTED =
      """
            WITH RECURSIVE unquoted (text) AS (
              SELECT literal.text
              UNION ALL
              SELECT replace(substr(text, 2, length(text) - 2), '""', '"')
              FROM unquoted WHERE field.text ~ '^[bB][''"]' AND text ~ '^"([^"]|"")*"$')
            SELECT text FROM unquoted ORDER BY length(text) LIMIT 1
      """;

  /** Texts, and names in quotes, are passed over. */
  private static final Pattern NOW =
      Pattern.compile(
          "'[^']*'|\"[^\"]*\"|\\b(now\\s*\\(\\s*\\)|current_timestamp\\b(?:\\s*\\(\\s*\\))?)"
              + "|\\b(current_date\\b(?:\\s*\\(\\s*\\))?)",
          Pattern.CASE_INSENSITIVE);

  /**
   * The view of a pipeline's table.
   *
   * @throws dev.millrace.error.UserException where the pipeline does not read changes of a table of
   *     Postgres, or does not tell which
   */
  public static PostgresView of(PipelineDefinition pipeline) {
    String table =
        tableOf(pipeline).orElseThrow(() -> PostgresErrors.unknownTable(pipeline.name()));
    TableDefinition definition = pipeline.table();
    String columns =
        definition.columns().stream()
            .map(
                column ->
                    "  "
                        + expression(definition, column)
                        + " AS "
                        + PostgresText.quoted(column.name()))
            .collect(Collectors.joining(",\n"));
    String select = "SELECT\n" + columns + "\nFROM " + qualified(table) + " AS source";
    List<ColumnDefinition> literals =
        definition.columns().stream().filter(column -> isLiteral(definition, column)).toList();
    return new PostgresView(
        definition.name().orElse(pipeline.name().replace('-', '_')),
        literals.isEmpty() ? select : select + "\n" + undone(literals));
  }

  /** The statement that makes the view. */
  public String create() {
    return "CREATE VIEW " + PostgresText.quoted(name) + " AS\n" + select + ";";
  }

  /**
   * A query over the view as a statement that needs no view.
   *
   * @param lookups that the query is joined with, which Postgres does not have: their rows are part
   *     of the statement
   * @param micros what the query calls now(), in microseconds since 1970; empty where it does not
   */
  public String over(String sql, Map<String, LookupRows> lookups, OptionalLong micros) {
    StringBuilder relations =
        new StringBuilder("WITH %s AS (%n%s%n)".formatted(PostgresText.quoted(name), select));
    lookups.forEach(
        (lookup, rows) ->
            relations.append(
                ",%n%s AS (%n%s%n)"
                    .formatted(PostgresText.quoted(lookup), PostgresLookup.select(rows))));
    return "%s%nSELECT * FROM (%n%s%n) AS result"
        .formatted(relations, micros.isPresent() ? asOf(sql, micros.getAsLong()) : sql);
  }

  private static String asOf(String sql, long micros) {
    OffsetDateTime time = Instant.EPOCH.plus(micros, ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
    return NOW.matcher(sql)
        .replaceAll(
            found -> {
              if (found.group(1) != null) {
                return "TIMESTAMPTZ '" + time + "'";
              }
              return found.group(2) == null
                  ? Matcher.quoteReplacement(found.group())
                  : "DATE '" + time.toLocalDate() + "'";
            });
  }

  /** The table whose changes a pipeline reads, with its schema; empty where it does not tell. */
  public static Optional<String> tableOf(PipelineDefinition pipeline) {
    if (pipeline.source() instanceof KafkaSourceDefinition kafka
        && kafka.contents() == Contents.CHANGES) {
      Optional<String> named = kafka.postgres().map(PostgresDefinition::table);
      // Debezium's topics: PREFIX.SCHEMA.TABLE.
      String[] parts = kafka.topic().split("[.]", -1);
      if (named.isPresent()) {
        return named;
      }
      if (parts.length >= 3) {
        return Optional.of(parts[parts.length - 2] + "." + parts[parts.length - 1]);
      }
    }
    return Optional.empty();
  }

  private static TextEncoding encoding(TableDefinition table, ColumnDefinition column) {
    return column.textEncoding().orElse(table.textEncoding());
  }

  /** Whether a column's values are read as texts: of the others Postgres' own are taken. */
  private static boolean isText(ColumnDefinition column) {
    return switch (column.type().kind()) {
      case BINARY, MAP, GEOMETRY, ARRAY -> false;
      default -> true;
    };
  }

  private static boolean isLiteral(TableDefinition table, ColumnDefinition column) {
    return isText(column) && encoding(table, column) == TextEncoding.PYTHON_BYTES;
  }

  /** Undoes the literals of some columns of a row, each under the name of its column. */
  private static String undone(List<ColumnDefinition> columns) {
    String fields =
        columns.stream()
            .map(
                column ->
                    "      (%s, %s)"
                        .formatted(PostgresText.text(column.name()), sourceText(column)))
            .collect(Collectors.joining(",\n"));
    String results =
        columns.stream()
            .map(
                column ->
                    "    max(content.text) FILTER (WHERE field.name = %s) AS %s"
                        .formatted(
                            PostgresText.text(column.name()), PostgresText.quoted(column.name())))
            .collect(Collectors.joining(",\n"));
    return String.join(
        "\n",
        "CROSS JOIN LATERAL (",
        "  SELECT",
        results,
        "  FROM (VALUES",
        fields,
        "    ) AS field (name, text)",
        "    -- Python's bytes literals undone: b'1138.0' is 1138.0",
        "    CROSS JOIN LATERAL (",
        UNESCAPED + "    ) AS literal",
        "    -- CSV's quotes taken off: \"CNR5884300\" is CNR5884300",
        "    CROSS JOIN LATERAL (",
        UNQUOTED + "    ) AS content",
        ") AS texts");
  }

  private static String sourceText(ColumnDefinition column) {
    return "source." + PostgresText.quoted(column.from()) + "::text";
  }

  private static String expression(TableDefinition table, ColumnDefinition column) {
    if (!isText(column)) {
      return cast(column.type(), "source." + PostgresText.quoted(column.from()));
    }
    String text =
        switch (encoding(table, column)) {
          case NONE -> sourceText(column);
          case PYTHON_BYTES -> "texts." + PostgresText.quoted(column.name());
          case BASE64 -> base64(sourceText(column));
        };
    Set<String> nullTokens = column.nullTokens().orElse(table.nullTokens());
    if (!nullTokens.isEmpty()) {
      String tokens =
          nullTokens.stream().sorted().map(PostgresText::text).collect(Collectors.joining(", "));
      text = "(CASE WHEN %s NOT IN (%s) THEN %s END)".formatted(text, tokens, text);
    }
    return typed(column, text);
  }

  /** Base64 of UTF-8, either alphabet, padding or not, line breaks passed over. */
  private static String base64(String text) {
    String digits =
        "rtrim(regexp_replace(translate(%s, '-_', '+/'), '\\s', '', 'g'), '=')".formatted(text);
    return "convert_from(decode(rpad(%s, (length(%s) + 3) / 4 * 4, '='), 'base64'), 'UTF8')"
        .formatted(digits, digits);
  }

  /** A text as a value of the column's type. */
  private static String typed(ColumnDefinition column, String text) {
    Kind kind = column.type().kind();
    return switch (kind) {
      case DATE ->
          column.unit() == TimeUnit.DAYS
              ? counted(text, "date '1970-01-01' + " + text + "::integer", text + "::date")
              : text + "::date";
      case TIMESTAMP ->
          counted(
              text,
              "timestamptz '1970-01-01 00:00:00+00' + " + interval(column.unit(), text),
              // Without a zone it is UTC, whichever zone the session has.
              "(CASE WHEN %s ~ ':[0-9.]+ *(Z|z|UTC|GMT|[+-][0-9:]+)( BC)?$' THEN %s ELSE %s || ' UTC' END)::timestamptz"
                  .formatted(text, text, text));
      case TIME ->
          "to_char(%s, 'HH24:MI:SS.US')"
              .formatted(counted(text, interval(column.unit(), text), text + "::time::interval"));
      case TIMETZ ->
          "to_char((%s::timetz AT TIME ZONE 'UTC')::time, 'HH24:MI:SS.US') || 'Z'".formatted(text);
      case INTERVAL -> counted(text, interval(TimeUnit.MICROS, text), text + "::interval");
      case UUID -> "lower(%s)".formatted(text);
      default -> cast(column.type(), text);
    };
  }

  /** What is a whole number counts a unit; anything else is written out. */
  private static String counted(String text, String number, String written) {
    return "(CASE WHEN %s ~ '^-?[0-9]+$' THEN %s ELSE %s END)".formatted(text, number, written);
  }

  private static String interval(TimeUnit unit, String text) {
    String one =
        switch (unit) {
          case SECONDS -> "1 second";
          case MILLIS -> "1 millisecond";
          default -> "1 microsecond";
        };
    return "%s::bigint%s * interval '%s'"
        .formatted(text, unit == TimeUnit.NANOS ? " / 1000" : "", one);
  }

  private static String cast(ColumnType type, String value) {
    return switch (type.kind()) {
      case BINARY -> value + "::text::bytea";
      case MAP, GEOMETRY -> value;
      case ARRAY -> value + "::" + name(type.element()) + "[]";
      default -> value + "::" + name(type);
    };
  }

  /** The type of Postgres whose values are those of a kind. */
  private static String name(ColumnType type) {
    return switch (type.kind()) {
      case BOOLEAN -> "boolean";
      case SMALLINT -> "smallint";
      case INT -> "integer";
      case BIGINT -> "bigint";
      case FLOAT -> "real";
      case DOUBLE -> "double precision";
      case DECIMAL -> {
        DecimalType decimal = (DecimalType) type.sqlType();
        yield "numeric(%d,%d)".formatted(decimal.precision(), decimal.scale());
      }
      case BINARY, GEOMETRY -> "bytea";
      case DATE -> "date";
      case TIMESTAMP -> "timestamptz";
      case INTERVAL -> "interval";
      case STRING, TIME, TIMETZ, UUID, JSON, MAP -> "text";
      case ARRAY -> throw new IllegalArgumentException("an array of arrays");
    };
  }

  private static String qualified(String table) {
    return Stream.of((table.contains(".") ? table : "public." + table).split("[.]", 2))
        .map(PostgresText::quoted)
        .collect(Collectors.joining("."));
  }
}
