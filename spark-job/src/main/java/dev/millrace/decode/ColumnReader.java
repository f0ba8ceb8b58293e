package dev.millrace.decode;

import static dev.millrace.config.TableDefinition.TextEncoding.PYTHON_BYTES;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.TableDefinition.TextEncoding;
import dev.millrace.error.DataError;
import dev.millrace.error.DataErrors;
import dev.millrace.error.ValueFault;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampType;

/**
 * Turns a JSON value into a column's value, in the form in which Catalyst holds it, or refuses it;
 * never an approximation, never a silent null. Immutable; what it needs to write into is handed in.
 *
 * <p>A JSON string goes through these steps, in this order: Debezium's placeholder for a value that
 * was not sent is refused; the table's text encoding is undone; a null token gives null; the type
 * reads what is left.
 */
abstract class ColumnReader implements Serializable {

  private static final long serialVersionUID = 1L;

  private static final byte[] PLACEHOLDER =
      "__debezium_unavailable_value".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] QUOTED_PLACEHOLDER =
      "\"__debezium_unavailable_value\"".getBytes(StandardCharsets.US_ASCII);

  private final String name;
  private final String field;
  private final DataType type;
  private final TimeUnit unit;
  private final boolean hasPythonBytes;
  private final NullTokens nullTokens;

  /** What readers write into while they work: one for each task. */
  static final class Scratch {
    final JsonText text = new JsonText();
    final NumberText number = new NumberText();
  }

  ColumnReader(ColumnDefinition column, TextEncoding encoding, Set<String> nullTokens) {
    this.name = column.name();
    this.field = column.from();
    this.type = column.type();
    this.unit = column.unit();
    this.hasPythonBytes = encoding == PYTHON_BYTES;
    this.nullTokens = new NullTokens(nullTokens);
  }

  static ColumnReader of(ColumnDefinition column, TextEncoding encoding, Set<String> nullTokens) {
    DataType type = column.type();
    if (type instanceof LongType) {
      return new WholeNumberReader.OfLong(column, encoding, nullTokens);
    } else if (type instanceof IntegerType) {
      return new WholeNumberReader.OfInteger(column, encoding, nullTokens);
    } else if (type instanceof ShortType) {
      return new WholeNumberReader.OfShort(column, encoding, nullTokens);
    } else if (type instanceof DoubleType) {
      return new FloatingReader.OfDouble(column, encoding, nullTokens);
    } else if (type instanceof FloatType) {
      return new FloatingReader.OfFloat(column, encoding, nullTokens);
    } else if (type instanceof DecimalType) {
      return new DecimalReader(column, encoding, nullTokens);
    } else if (type instanceof BooleanType) {
      return new BooleanReader(column, encoding, nullTokens);
    } else if (type instanceof StringType) {
      return new StringColumnReader(column, encoding, nullTokens);
    } else if (type instanceof BinaryType) {
      return new BinaryReader(column, encoding, nullTokens);
    } else if (type instanceof DateType) {
      return new DateReader(column, encoding, nullTokens);
    } else if (type instanceof TimestampType) {
      return new TimestampReader(column, encoding, nullTokens);
    }
    throw new IllegalArgumentException(
        "column " + column.name() + ": no reader for type " + type.sql());
  }

  String name() {
    return name;
  }

  String field() {
    return field;
  }

  TimeUnit unit() {
    return unit;
  }

  boolean hasPythonBytes() {
    return hasPythonBytes;
  }

  /**
   * Reads a value that {@link JsonScanner} has passed.
   *
   * @return the value as Catalyst holds it; null for JSON's null and for a null token
   */
  final Object read(byte kind, byte[] message, int start, int end, Scratch scratch)
      throws InvalidValue {
    if (kind == JsonScanner.ESCAPED_STRING) {
      scratch.text.unescape(message, start, end);
    } else {
      scratch.text.set(message, start, end);
    }
    return switch (kind) {
      case JsonScanner.NULL -> null;
      case JsonScanner.STRING, JsonScanner.ESCAPED_STRING -> readText(scratch);
      case JsonScanner.TRUE -> ofBoolean(true, scratch);
      case JsonScanner.FALSE -> ofBoolean(false, scratch);
      case JsonScanner.INTEGER, JsonScanner.FRACTION -> ofNumber(scratch);
      case JsonScanner.OBJECT, JsonScanner.ARRAY -> ofNested(scratch);
      default -> throw new IllegalArgumentException("no value of kind " + kind);
    };
  }

  /** What a reject says of a value that {@link #read} has refused. */
  final DataError error(InvalidValue refused, byte kind, byte[] message, int start, int end) {
    int quotes = kind == JsonScanner.STRING || kind == JsonScanner.ESCAPED_STRING ? 1 : 0;
    return DataErrors.invalidValue(
        refused.fault(),
        name,
        field,
        type,
        unit.name().toLowerCase(Locale.ROOT),
        message,
        start - quotes,
        end + quotes);
  }

  /** The text of a string that is not null, encoding undone; valid UTF-8. */
  abstract Object ofText(Scratch scratch) throws InvalidValue;

  /** The text of a number as JSON writes it. */
  abstract Object ofNumber(Scratch scratch) throws InvalidValue;

  /** A boolean, and its text. */
  Object ofBoolean(boolean value, Scratch scratch) throws InvalidValue {
    throw new InvalidValue(ValueFault.NOT_OF_TYPE);
  }

  /** The text of an object or array. */
  Object ofNested(Scratch scratch) throws InvalidValue {
    throw new InvalidValue(ValueFault.NOT_OF_TYPE);
  }

  /** From a string as it came in the message to a value. */
  Object readText(Scratch scratch) throws InvalidValue {
    JsonText text = scratch.text;
    refusePlaceholder(text);
    if (hasPythonBytes) {
      boolean mayBeInvalid = PythonBytes.decode(text);
      if (mayBeInvalid && !Utf8.isValid(text.bytes(), text.start(), text.end())) {
        throw new InvalidValue(ValueFault.LITERAL_NOT_UTF8);
      }
    }
    return isNullToken(text) ? null : ofText(scratch);
  }

  final boolean isNullToken(JsonText text) {
    return nullTokens.contains(text);
  }

  /**
   * Refuses what Debezium sends in the place of a value that Postgres did not: a text, or an array
   * or map of that text.
   */
  static void refusePlaceholder(JsonText text) throws InvalidValue {
    int quote = text.start() + 1;
    int first = text.length() > 0 ? text.bytes()[text.start()] : 0;
    boolean isPlaceholder =
        (first == '[' || first == '{')
            ? text.hasAt(quote, QUOTED_PLACEHOLDER)
            : text.isEqualTo(PLACEHOLDER);
    if (isPlaceholder) {
      throw new InvalidValue(ValueFault.UNAVAILABLE);
    }
  }
}
