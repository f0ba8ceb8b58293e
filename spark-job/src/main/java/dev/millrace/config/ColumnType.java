package dev.millrace.config;

import dev.millrace.error.TableErrors;
import dev.millrace.error.UserErrors;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;

/**
 * What a column holds: how its values are read, and their type in SQL.
 *
 * <p>Several kinds are text in SQL, as Spark 3.5 has no type of their own: a time of day is {@code
 * HH:mm:ss.SSSSSS}, a uuid its 36 characters.
 *
 * @param element of an array, whose elements are not arrays; null for every other kind
 */
public record ColumnType(Kind kind, DataType sqlType, ColumnType element) {

  private static final Pattern DECIMAL = Pattern.compile("decimal\\((\\d{1,2}), ?(\\d{1,2})\\)");
  private static final Pattern ARRAY = Pattern.compile("array<(.*)>");

  /** The kinds by which a pipeline file names them. */
  public enum Kind {
    BOOLEAN,
    SMALLINT,
    INT,
    BIGINT,
    FLOAT,
    DOUBLE,
    /** With precision and scale. */
    DECIMAL,
    STRING,
    BINARY,
    DATE,
    /** A time of day, from 00:00:00.000000 to 24:00:00.000000. */
    TIME,
    /** A time of day in UTC, with a Z at its end. */
    TIMETZ,
    TIMESTAMP,
    /** A length of time in days (of 24 hours) to microseconds. */
    INTERVAL,
    UUID,
    /** A JSON document, its text untouched. */
    JSON,
    /** Texts by texts, as {@code hstore} has them. */
    MAP,
    /** A shape as well-known binary (WKB). */
    GEOMETRY,
    ARRAY;

    private boolean hasParameters() {
      return this == DECIMAL || this == ARRAY;
    }

    private String spelling() {
      return this == MAP ? "map<string,string>" : name().toLowerCase(Locale.ROOT);
    }
  }

  /** One of the kinds whose type in SQL is settled: all but decimals and arrays. */
  public static ColumnType of(Kind kind) {
    DataType sqlType =
        switch (kind) {
          case BOOLEAN -> DataTypes.BooleanType;
          case SMALLINT -> DataTypes.ShortType;
          case INT -> DataTypes.IntegerType;
          case BIGINT -> DataTypes.LongType;
          case FLOAT -> DataTypes.FloatType;
          case DOUBLE -> DataTypes.DoubleType;
          case STRING, TIME, TIMETZ, UUID, JSON -> DataTypes.StringType;
          case BINARY, GEOMETRY -> DataTypes.BinaryType;
          case DATE -> DataTypes.DateType;
          case TIMESTAMP -> DataTypes.TimestampType;
          case INTERVAL -> DataTypes.createDayTimeIntervalType();
          case MAP -> DataTypes.createMapType(DataTypes.StringType, DataTypes.StringType, true);
          case DECIMAL, ARRAY -> throw new IllegalArgumentException(kind + " needs parameters");
        };
    return new ColumnType(kind, sqlType, null);
  }

  /** The first kind that SQL shows with this type: a string rather than a uuid. */
  public static ColumnType of(DataType sqlType) {
    if (sqlType instanceof DecimalType) {
      return new ColumnType(Kind.DECIMAL, sqlType, null);
    }
    if (sqlType instanceof ArrayType array && !(array.elementType() instanceof ArrayType)) {
      return arrayOf(of(array.elementType()));
    }
    return simple()
        .filter(type -> sqlType.equals(type.sqlType()))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no column is a " + sqlType.sql()));
  }

  public static ColumnType arrayOf(ColumnType element) {
    return new ColumnType(Kind.ARRAY, DataTypes.createArrayType(element.sqlType(), true), element);
  }

  /**
   * Reads a type as a pipeline file spells it.
   *
   * @throws IllegalArgumentException with what is expected instead
   */
  public static ColumnType parse(String text) {
    Matcher array = ARRAY.matcher(text);
    if (array.matches()) {
      ColumnType element = parse(array.group(1));
      if (element.kind() == Kind.ARRAY) {
        throw new IllegalArgumentException(TableErrors.arrayOfArrays());
      }
      return arrayOf(element);
    }
    if (text.startsWith("array")) {
      throw new IllegalArgumentException(TableErrors.expectArray());
    }
    if (text.startsWith("decimal")) {
      return decimal(text)
          .orElseThrow(() -> new IllegalArgumentException(TableErrors.expectDecimal()));
    }
    return simple()
        .filter(type -> type.name().equals(text.replace(", ", ",")))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(UserErrors.oneOf(text, names())));
  }

  /** How every type is spelled. */
  public static List<String> names() {
    return Stream.concat(simple().map(ColumnType::name), Stream.of("decimal(p,s)", "array<type>"))
        .toList();
  }

  /** As a pipeline file spells it. */
  public String name() {
    return switch (kind) {
      case DECIMAL -> sqlType.simpleString();
      case ARRAY -> "array<" + element.name() + ">";
      default -> kind.spelling();
    };
  }

  /**
   * Whether Debezium sends a plain null for a long value that an update did not touch: it has a
   * placeholder for arrays of other types only. Of an array of strings the type does not tell.
   */
  public boolean isNullWhenUnchanged() {
    return element != null
        && switch (element.kind()) {
          case BOOLEAN, SMALLINT, FLOAT, DOUBLE, DECIMAL, TIME, TIMETZ, TIMESTAMP, INTERVAL, MAP ->
              true;
          default -> false;
        };
  }

  /** The kind of a value, of an array that of its elements. */
  public Kind scalarKind() {
    return element == null ? kind : element.kind();
  }

  private static Stream<ColumnType> simple() {
    return Arrays.stream(Kind.values()).filter(kind -> !kind.hasParameters()).map(ColumnType::of);
  }

  private static Optional<ColumnType> decimal(String text) {
    Matcher decimal = DECIMAL.matcher(text);
    if (!decimal.matches()) {
      return Optional.empty();
    }
    int precision = Integer.parseInt(decimal.group(1));
    int scale = Integer.parseInt(decimal.group(2));
    return precision >= 1 && precision <= DecimalType.MAX_PRECISION() && scale <= precision
        ? Optional.of(of(DataTypes.createDecimalType(precision, scale)))
        : Optional.empty();
  }
}
