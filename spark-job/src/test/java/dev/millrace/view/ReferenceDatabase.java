package dev.millrace.view;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Connection;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;
import org.postgresql.util.PGInterval;
import org.postgresql.util.PGobject;

/** A database of another make that answers the same SQL over the same rows. */
final class ReferenceDatabase implements AutoCloseable {

  /** Where it differs from the others. */
  enum Make {
    POSTGRES,
    DUCKDB
  }

  private final Make make;
  private final Connection connection;

  private ReferenceDatabase(Make make, Connection connection) {
    this.make = make;
    this.connection = connection;
  }

  /**
   * A database of a Postgres server.
   *
   * @param connection to a database of its own, with a locale of UTF-8; closed with this
   */
  static ReferenceDatabase postgres(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET TIME ZONE 'UTC'");
      // Spark's own; the rest of the grammar means the same.
      statement.execute(
          """
          CREATE OR REPLACE FUNCTION count_if_next(counted bigint, condition boolean) RETURNS bigint
            IMMUTABLE LANGUAGE sql AS 'SELECT counted + CASE WHEN condition THEN 1 ELSE 0 END';
          CREATE OR REPLACE AGGREGATE count_if(boolean)
            (sfunc = count_if_next, stype = bigint, initcond = '0')
          """);
    }
    return new ReferenceDatabase(Make.POSTGRES, connection);
  }

  static ReferenceDatabase duckDb() throws SQLException {
    return new ReferenceDatabase(Make.DUCKDB, java.sql.DriverManager.getConnection("jdbc:duckdb:"));
  }

  Make make() {
    return make;
  }

  /** Whether it has the types that a query needs, and takes their values. */
  boolean has(StructType columns, Set<String> needed, String sql) {
    if (sql.contains(" AS own") || sql.contains("now()") || sql.contains("current_date()")) {
      return false;
    }
    if (make == Make.POSTGRES) {
      return true;
    }
    // There, count_if is null over no rows, and date_trunc of a null that is a group's key a date.
    if (sql.contains("count_if") || sql.contains("date_trunc")) {
      return false;
    }
    // An optimized plan no longer needs every column that the text names: it drops an AND FALSE.
    Set<String> words = Set.copyOf(List.of(sql.split("\\W+")));
    return Arrays.stream(columns.fields())
        .filter(field -> needed.contains(field.name()) || words.contains(field.name()))
        .map(StructField::dataType)
        .noneMatch(
            type ->
                type instanceof MapType
                    || type instanceof ArrayType
                    || type instanceof DayTimeIntervalType
                    // It refuses the variance of NaN and infinities.
                    || (isFloating(type) && sql.contains("moment")));
  }

  private static boolean isFloating(DataType type) {
    return type instanceof DoubleType || type instanceof FloatType;
  }

  /** Makes {@code t} again. */
  void fill(StructType columns, Collection<Row> rows) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS t");
      statement.execute(
          Arrays.stream(columns.fields())
              .map(field -> field.name() + " " + type(field.dataType()))
              .collect(Collectors.joining(", ", "CREATE TABLE t (", ", PRIMARY KEY (id))")));
      for (Row row : rows) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < row.length(); i++) {
          values.add(literal(row.get(i), columns.fields()[i].dataType()));
        }
        statement.execute("INSERT INTO t VALUES (" + String.join(", ", values) + ")");
      }
    }
  }

  private String type(DataType type) {
    if (isFloating(type)) {
      // A sum of floats has the precision of a float there, in Spark that of a double.
      return "DOUBLE PRECISION";
    }
    if (type instanceof StringType) {
      return "TEXT";
    }
    if (type instanceof BinaryType) {
      return make == Make.POSTGRES ? "BYTEA" : "BLOB";
    }
    if (type instanceof TimestampType) {
      return make == Make.POSTGRES ? "TIMESTAMPTZ" : "TIMESTAMP";
    }
    if (type instanceof DayTimeIntervalType) {
      return "INTERVAL";
    }
    if (type instanceof MapType) {
      return make == Make.POSTGRES ? "JSONB" : "TEXT";
    }
    if (type instanceof ArrayType array) {
      return type(array.elementType()) + "[]";
    }
    return type.sql();
  }

  private String literal(Object value, DataType type) {
    if (value == null) {
      return "NULL";
    }
    if (value instanceof byte[] bytes) {
      // One byte at most: both write it alike.
      return "'\\x%02x'".formatted(bytes[0]);
    }
    if (value instanceof Timestamp time) {
      return "'" + LocalDateTime.ofInstant(time.toInstant(), ZoneOffset.UTC) + "'";
    }
    if (value instanceof Duration duration) {
      return "INTERVAL '" + duration.toMinutes() + " minutes'";
    }
    if (value instanceof Map<?, ?> map) {
      return "'" + json(map) + "'";
    }
    if (value instanceof List<?> list) {
      DataType element = ((ArrayType) type).elementType();
      String elements =
          list.stream().map(each -> literal(each, element)).collect(Collectors.joining(", "));
      return (make == Make.POSTGRES ? "ARRAY" : "") + "[" + elements + "]::" + type(type);
    }
    if (value instanceof BigDecimal decimal) {
      return decimal.toPlainString();
    }
    if (value instanceof Number && !isFloating(type)) {
      return value.toString();
    }
    return "'" + value.toString().replace("'", "''") + "'";
  }

  /** The rows of a query's result, in values that {@link #comparable} makes. */
  List<List<Object>> result(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      List<List<Object>> rows = new ArrayList<>();
      while (found.next()) {
        List<Object> row = new ArrayList<>();
        for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
          row.add(comparable(value(found, i)));
        }
        rows.add(row);
      }
      return rows;
    }
  }

  private static Object value(ResultSet found, int column) throws SQLException {
    String type = found.getMetaData().getColumnTypeName(column);
    return switch (type) {
      case "timestamptz" -> found.getObject(column, OffsetDateTime.class);
      case "TIMESTAMP" -> found.getObject(column, LocalDateTime.class);
      case "DATE", "date" -> found.getObject(column, LocalDate.class);
      default -> found.getObject(column);
    };
  }

  /** A value as it compares with that of another database; {@code null} for null. */
  static Object comparable(Object value) throws SQLException {
    if (value instanceof Float || value instanceof Double) {
      double number = ((Number) value).doubleValue();
      return Double.isFinite(number)
          ? new BigDecimal(number).stripTrailingZeros()
          : Double.toString(number);
    }
    if (value instanceof BigDecimal decimal) {
      return decimal.stripTrailingZeros();
    }
    if (value instanceof BigInteger whole) {
      return new BigDecimal(whole).stripTrailingZeros();
    }
    if (value instanceof Number whole) {
      return BigDecimal.valueOf(whole.longValue()).stripTrailingZeros();
    }
    if (value instanceof byte[] bytes) {
      return "bytes " + Arrays.toString(bytes);
    }
    if (value instanceof Blob blob) {
      return comparable(blob.getBytes(1, (int) blob.length()));
    }
    if (value instanceof Date date) {
      return date.toLocalDate();
    }
    if (value instanceof Timestamp time) {
      return time.toInstant();
    }
    if (value instanceof OffsetDateTime time) {
      return time.toInstant();
    }
    if (value instanceof LocalDateTime time) {
      return time.toInstant(ZoneOffset.UTC);
    }
    if (value instanceof Duration duration) {
      return comparable(duration.toNanos() / 1_000);
    }
    if (value instanceof PGInterval interval) {
      long seconds =
          ((interval.getDays() * 24L + interval.getHours()) * 60 + interval.getMinutes()) * 60
              + interval.getWholeSeconds();
      return comparable(seconds * 1_000_000 + interval.getMicroSeconds());
    }
    if (value instanceof PGobject object) {
      return object.getValue();
    }
    if (value instanceof Map<?, ?> map) {
      return json(map);
    }
    if (value instanceof Array array) {
      return comparable(Arrays.asList((Object[]) array.getArray()));
    }
    if (value instanceof List<?> list) {
      List<Object> elements = new ArrayList<>();
      for (Object element : list) {
        elements.add(comparable(element));
      }
      return elements;
    }
    return value;
  }

  private static String json(Map<?, ?> map) {
    return map.entrySet().stream()
        .map(
            entry ->
                "\""
                    + entry.getKey()
                    + "\": "
                    + (entry.getValue() == null ? "null" : "\"" + entry.getValue() + "\""))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
