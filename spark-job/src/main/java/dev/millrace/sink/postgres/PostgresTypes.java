package dev.millrace.sink.postgres;

import dev.millrace.sql.Columns;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.YearMonthIntervalType;

/** Spark's types and those of Postgres that hold their values without a loss. Pure. */
final class PostgresTypes {

  /** How nested values are written as JSON, and read again. */
  static final Map<String, String> JSON =
      Map.of(
          "ignoreNullFields", "false",
          "timestampFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
          "timestampNTZFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSS");

  private static final Pattern PARAMETERS = Pattern.compile("\\((\\d+)(?:,(-?\\d+))?\\)");

  private PostgresTypes() {}

  /** Whether a value has parts, and is stored as {@code jsonb}. */
  static boolean isNested(DataType type) {
    return type instanceof ArrayType || type instanceof MapType || type instanceof StructType;
  }

  /** Whether values are of any length. */
  static boolean isOfAnySize(DataType type) {
    return type instanceof StringType || type instanceof BinaryType || isNested(type);
  }

  /** The type of a column that is created; empty where there is none. */
  static Optional<String> created(DataType type) {
    return type instanceof DecimalType decimal
        ? Optional.of("numeric(%d,%d)".formatted(decimal.precision(), decimal.scale()))
        : accepted(type).stream().findFirst();
  }

  /**
   * The types, without their parameters, of columns that hold every value or tell those apart that
   * they don't; the one that is created first. Each as {@code format_type} spells it.
   */
  static List<String> accepted(DataType type) {
    if (type instanceof BooleanType) {
      return List.of("boolean");
    }
    if (type instanceof ByteType || type instanceof ShortType) {
      return List.of("smallint", "integer", "bigint", "numeric");
    }
    if (type instanceof IntegerType) {
      return List.of("integer", "bigint", "numeric");
    }
    if (type instanceof LongType) {
      return List.of("bigint", "numeric");
    }
    if (type instanceof FloatType) {
      return List.of("real", "double precision");
    }
    if (type instanceof DoubleType) {
      return List.of("double precision");
    }
    if (type instanceof DecimalType) {
      return List.of("numeric");
    }
    if (type instanceof StringType) {
      return List.of("text", "character varying");
    }
    if (type instanceof BinaryType) {
      return List.of("bytea");
    }
    if (type instanceof DateType) {
      return List.of("date");
    }
    if (type instanceof TimestampType) {
      return List.of("timestamp with time zone", "timestamp without time zone");
    }
    if (type instanceof TimestampNTZType) {
      return List.of("timestamp without time zone");
    }
    if (type instanceof DayTimeIntervalType || type instanceof YearMonthIntervalType) {
      return List.of("interval");
    }
    return isNested(type) ? List.of("jsonb") : List.of();
  }

  /**
   * Whether a column of the table takes the values of one of the result.
   *
   * @param found the table's type, as {@code format_type} spells it
   */
  static boolean holds(String found, DataType type) {
    boolean hasParameters = found.startsWith("numeric(") || found.startsWith("character varying(");
    return accepted(type).contains(hasParameters ? found.substring(0, found.indexOf('(')) : found);
  }

  /** The most characters of {@code character varying(n)}; empty for any other type. */
  static Optional<Integer> maxCharacters(String found) {
    Matcher parameters = PARAMETERS.matcher(found);
    return found.startsWith("character varying(") && parameters.find()
        ? Optional.of(Integer.parseInt(parameters.group(1)))
        : Optional.empty();
  }

  /** What {@code numeric(p,s)} holds; empty for any other type. */
  static Optional<NumericBounds> numericBounds(String found) {
    Matcher parameters = PARAMETERS.matcher(found);
    return found.startsWith("numeric(") && parameters.find()
        ? Optional.of(
            new NumericBounds(
                Integer.parseInt(parameters.group(1)), Integer.parseInt(parameters.group(2))))
        : Optional.empty();
  }

  /** Digits of {@code numeric(precision,scale)}. */
  record NumericBounds(int precision, int scale) {}

  /** The rows as {@link CopyText} takes them: values with parts as JSON, all others as they are. */
  static Dataset<Row> copied(Dataset<Row> rows) {
    StructField[] fields = rows.schema().fields();
    if (Arrays.stream(fields).noneMatch(field -> isNested(field.dataType()))) {
      return rows;
    }
    return rows.select(Arrays.stream(fields).map(PostgresTypes::copied).toArray(Column[]::new));
  }

  /** A column of {@link #copied}. */
  static Column copied(StructField field) {
    return isNested(field.dataType())
        ? functions.to_json(Columns.named(field.name()), JSON).as(field.name())
        : Columns.named(field.name());
  }

  /** The types of the columns of {@link #copied}. */
  static List<DataType> copied(StructType rows) {
    return Arrays.stream(rows.fields())
        .map(field -> isNested(field.dataType()) ? DataTypes.StringType : field.dataType())
        .toList();
  }
}
