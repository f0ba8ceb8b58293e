package dev.millrace.decode.column;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.TextEncoding;
import dev.millrace.decode.json.FieldNames;
import dev.millrace.decode.json.JsonScanner;
import dev.millrace.decode.json.JsonText;
import dev.millrace.decode.json.MalformedJson;
import dev.millrace.decode.json.ObjectSpans;
import dev.millrace.decode.json.Utf8;
import dev.millrace.error.data.DataError;
import dev.millrace.error.data.DataErrors;
import dev.millrace.error.data.ValueFault;
import java.io.Serializable;
import java.util.Locale;

/**
 * Turns a JSON value into a column's value, in the form in which Catalyst holds it, or refuses it;
 * never an approximation, never a silent null. Immutable; what it needs to write into is handed in.
 *
 * <p>A JSON string goes through these steps, in this order: Debezium's placeholder for a value that
 * was not sent is told; the column's text encoding is undone; a null token gives null; the type
 * reads what is left. An array or an object may be a placeholder, too.
 */
public abstract class ColumnReader implements Serializable {

  private static final long serialVersionUID = 1L;

  /** In the place of a value: Debezium was not given it, so the old one stands. */
  public static final Object UNCHANGED = new Object();

  private final String name;
  private final String field;
  private final String type;
  private final TimeUnit unit;
  private final TextEncoding encoding;
  private final NullTokens nullTokens;
  private final PlaceholderText placeholder;

  /** What readers write into while they work: one for each task. */
  public static final class Scratch {
    public final JsonText text = new JsonText();
    final NumberText number = new NumberText();

    /** For what stands within a value. */
    final JsonScanner json = new JsonScanner();

    /** Where the fields of the object stand that is {@link #text}; {@link #json} has its bytes. */
    ObjectSpans fieldsOf(FieldNames names) throws InvalidValue {
      ObjectSpans spans = new ObjectSpans(names);
      try {
        json.reset(text.bytes(), text.start(), text.end());
        boolean hasField = json.openObject();
        while (hasField) {
          int slot = spans.passField(json, text);
          byte kind = json.value();
          spans.put(slot, kind, json.valueStart(), json.valueEnd());
          hasField = json.hasNextField();
        }
      } catch (MalformedJson e) {
        throw new InvalidValue(ValueFault.NOT_OF_TYPE);
      }
      return spans;
    }
  }

  ColumnReader(ColumnDefinition column, TextRules rules) {
    this.name = column.name();
    this.field = column.from();
    this.type = column.type().name();
    this.unit = column.unit();
    this.encoding = rules.encoding();
    this.nullTokens = rules.nullTokens();
    this.placeholder = rules.placeholder();
  }

  public String name() {
    return name;
  }

  public String field() {
    return field;
  }

  TimeUnit unit() {
    return unit;
  }

  final TextEncoding encoding() {
    return encoding;
  }

  final PlaceholderText placeholder() {
    return placeholder;
  }

  /**
   * Reads a value that {@link JsonScanner} has passed.
   *
   * @return the value as Catalyst holds it; null for JSON's null and for a null token; {@link
   *     #UNCHANGED} for a placeholder
   */
  public final Object read(byte kind, byte[] message, int start, int end, Scratch scratch)
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
      case JsonScanner.OBJECT, JsonScanner.ARRAY ->
          placeholder.isNested(scratch.text) ? UNCHANGED : ofNested(scratch);
      default -> throw new IllegalArgumentException("no value of kind " + kind);
    };
  }

  /** What a reject reports about a value that {@link #read} has refused. */
  public final DataError error(
      InvalidValue refused, boolean isKey, byte kind, byte[] message, int start, int end) {
    int quotes = kind == JsonScanner.STRING || kind == JsonScanner.ESCAPED_STRING ? 1 : 0;
    return DataErrors.invalidValue(
        refused.fault(),
        isKey,
        name,
        field,
        type,
        unit.name().toLowerCase(Locale.ROOT),
        message,
        start - quotes,
        end + quotes);
  }

  /** What a reject reports about a message's key with a value that {@link #read} has refused. */
  public final DataError messageKeyError(InvalidValue refused, byte[] key) {
    return DataErrors.invalidMessageKey(
        refused.fault(), name, type, unit.name().toLowerCase(Locale.ROOT), key);
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
    if (placeholder.isText(text)) {
      return UNCHANGED;
    }
    if (encoding == TextEncoding.PYTHON_BYTES) {
      boolean mayBeInvalid = PythonBytes.decode(text);
      requireUtf8(mayBeInvalid, text, ValueFault.LITERAL_NOT_UTF8);
    } else if (encoding == TextEncoding.BASE64) {
      if (!Base64Text.decode(text)) {
        throw new InvalidValue(ValueFault.TEXT_NOT_BASE64);
      }
      requireUtf8(true, text, ValueFault.TEXT_NOT_UTF8);
    }
    return isNullToken(text) ? null : ofText(scratch);
  }

  final boolean isNullToken(JsonText text) {
    return nullTokens.contains(text);
  }

  private static void requireUtf8(boolean mayBeInvalid, JsonText text, ValueFault fault)
      throws InvalidValue {
    if (mayBeInvalid && !Utf8.isValid(text.bytes(), text.start(), text.end())) {
      throw new InvalidValue(fault);
    }
  }
}
