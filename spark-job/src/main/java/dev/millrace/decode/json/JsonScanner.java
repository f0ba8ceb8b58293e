package dev.millrace.decode.json;

import dev.millrace.error.data.JsonFault;
import java.util.Arrays;

/**
 * Strict JSON (RFC 8259, UTF-8) over a byte array: where each value stands and of which kind it is.
 *
 * <p>Nothing is copied and nothing converted. Every byte that it passes is validated, so that what
 * reads the values later need not look at escapes, numbers or UTF-8 with suspicion. Nesting costs a
 * bit a level and no stack. Not thread-safe: one for each task.
 */
public final class JsonScanner {

  public static final byte ABSENT = 0;
  public static final byte NULL = 1;
  public static final byte TRUE = 2;
  public static final byte FALSE = 3;

  /** A number without fraction and exponent. */
  public static final byte INTEGER = 4;

  public static final byte FRACTION = 5;

  /** A string without escapes: its text is its bytes. */
  public static final byte STRING = 6;

  public static final byte ESCAPED_STRING = 7;
  public static final byte OBJECT = 8;
  public static final byte ARRAY = 9;

  private static final byte QUOTE = '"';

  private byte[] bytes = new byte[0];
  private int end;
  private int position;
  private int valueStart;
  private int valueEnd;

  /** One bit for each open object or array: set for an object. */
  private long[] isObjectByDepth = new long[1];

  public void reset(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.end = end;
    this.position = start;
  }

  public byte[] bytes() {
    return bytes;
  }

  public int position() {
    return position;
  }

  /** Where the last value or field name begins: after the quote of a string. */
  public int valueStart() {
    return valueStart;
  }

  /** Where the last value or field name ends: before the quote of a string. */
  public int valueEnd() {
    return valueEnd;
  }

  /**
   * Enters the object that must stand here; false where it has no fields and is left again. If
   * anything else stands here it must be all there is, for the fault to be told from no JSON.
   */
  public boolean openObject() throws MalformedJson {
    if (next() != '{') {
      int start = position;
      value();
      close();
      throw new MalformedJson(JsonFault.NOT_AN_OBJECT, start);
    }
    position++;
    if (next() == '}') {
      position++;
      return false;
    }
    return true;
  }

  /** Enters the array that must stand here; false where it is empty and is left again. */
  public boolean openArray() throws MalformedJson {
    if (next() != '[') {
      throw fault(JsonFault.EXPECTED_VALUE);
    }
    position++;
    if (next() == ']') {
      position++;
      return false;
    }
    return true;
  }

  /** After an element: passes the comma, true, or leaves the array, false. */
  public boolean hasNextElement() throws MalformedJson {
    byte found = next();
    if (found != ',' && found != ']') {
      throw fault(JsonFault.EXPECTED_COMMA_OR_BRACKET);
    }
    position++;
    return found == ',';
  }

  /** After a value: passes the comma, true, or leaves the object, false. */
  public boolean hasNextField() throws MalformedJson {
    byte found = next();
    if (found == ',') {
      position++;
      return true;
    }
    if (found == '}') {
      position++;
      return false;
    }
    throw fault(JsonFault.EXPECTED_COMMA_OR_BRACE);
  }

  /**
   * Passes a field's name and its colon if they stand here just so, else stays where it is.
   *
   * @param quoted the name in quotes, and a colon
   */
  boolean passField(byte[] quoted) throws MalformedJson {
    next();
    if (!AsciiWords.startsWith(bytes, position, end, quoted)) {
      return false;
    }
    position += quoted.length;
    return true;
  }

  /**
   * Passes a field's name and its colon; the name is between {@link #valueStart()} and {@link
   * #valueEnd()}.
   *
   * @return {@link #STRING} or {@link #ESCAPED_STRING}
   */
  public byte field() throws MalformedJson {
    if (next() != '"') {
      throw fault(JsonFault.EXPECTED_FIELD_NAME);
    }
    byte kind = string();
    passColon();
    return kind;
  }

  /** The first byte of the next value. */
  public byte peek() throws MalformedJson {
    return next();
  }

  /** Passes a value of any kind; a string's bounds are without its quotes. */
  public byte value() throws MalformedJson {
    byte first = next();
    if (first == '"') {
      return string();
    }
    if (first == '{' || first == '[') {
      int start = position;
      byte kind = nested();
      valueStart = start;
      valueEnd = position;
      return kind;
    }
    return literal(first);
  }

  /** Demands that nothing but white space follows. */
  public void close() throws MalformedJson {
    passWhiteSpace();
    if (position < end) {
      throw fault(JsonFault.TRAILING_TEXT);
    }
  }

  private void passColon() throws MalformedJson {
    if (next() != ':') {
      throw fault(JsonFault.EXPECTED_COLON);
    }
    position++;
  }

  private byte next() throws MalformedJson {
    if (position < end) {
      byte found = bytes[position];
      if (found > ' ' || found < 0) {
        return found;
      }
    }
    passWhiteSpace();
    if (position >= end) {
      throw fault(JsonFault.CUT_OFF);
    }
    return bytes[position];
  }

  private void passWhiteSpace() {
    while (position < end) {
      byte found = bytes[position];
      if (found != ' ' && found != '\n' && found != '\r' && found != '\t') {
        return;
      }
      position++;
    }
  }

  private byte literal(byte first) throws MalformedJson {
    if (first == '-' || isDigit(first)) {
      return number();
    }
    return switch (first) {
      case 'n' -> word("null", NULL);
      case 't' -> word("true", TRUE);
      case 'f' -> word("false", FALSE);
      default -> throw fault(JsonFault.EXPECTED_VALUE);
    };
  }

  private byte word(String word, byte kind) throws MalformedJson {
    for (int i = 0; i < word.length(); i++) {
      if (position + i >= end) {
        throw new MalformedJson(JsonFault.CUT_OFF, end);
      }
      if (bytes[position + i] != word.charAt(i)) {
        throw fault(JsonFault.EXPECTED_VALUE);
      }
    }
    valueStart = position;
    position += word.length();
    valueEnd = position;
    return kind;
  }

  private byte number() throws MalformedJson {
    int start = position;
    int at = start;
    if (bytes[at] == '-') {
      at++;
    }
    int firstDigit = at;
    at = digits(at);
    if (bytes[firstDigit] == '0' && at > firstDigit + 1) {
      throw new MalformedJson(JsonFault.INVALID_NUMBER, firstDigit);
    }
    byte kind = INTEGER;
    if (at < end && bytes[at] == '.') {
      kind = FRACTION;
      at = digits(at + 1);
    }
    if (at < end && (bytes[at] | 0x20) == 'e') {
      kind = FRACTION;
      at++;
      if (at < end && (bytes[at] == '+' || bytes[at] == '-')) {
        at++;
      }
      at = digits(at);
    }
    valueStart = start;
    valueEnd = at;
    position = at;
    return kind;
  }

  /** Passes at least one digit. */
  private int digits(int start) throws MalformedJson {
    int at = start;
    while (at + Long.BYTES <= end && AsciiWords.isDigits(AsciiWords.at(bytes, at))) {
      at += Long.BYTES;
    }
    while (at < end && isDigit(bytes[at])) {
      at++;
    }
    if (at == start) {
      throw new MalformedJson(at < end ? JsonFault.INVALID_NUMBER : JsonFault.CUT_OFF, at);
    }
    return at;
  }

  private byte string() throws MalformedJson {
    byte kind = STRING;
    int at = position + 1;
    valueStart = at;
    while (true) {
      at = AsciiWords.plainEnd(bytes, at, end, QUOTE);
      if (at >= end) {
        throw new MalformedJson(JsonFault.CUT_OFF, end);
      }
      byte found = bytes[at];
      if (found == '"') {
        valueEnd = at;
        position = at + 1;
        return kind;
      }
      if (found == '\\') {
        kind = ESCAPED_STRING;
        at = JsonEscapes.escapeEnd(bytes, at, end);
      } else if (found < 0) {
        int length = Utf8.sequenceLength(bytes, at, end);
        if (length == 0) {
          throw new MalformedJson(JsonFault.INVALID_UTF8, at);
        }
        at += length;
      } else {
        throw new MalformedJson(JsonFault.CONTROL_CHARACTER, at);
      }
    }
  }

  /** Passes an object or array and all that it holds. */
  private byte nested() throws MalformedJson {
    byte kind = bytes[position] == '{' ? OBJECT : ARRAY;
    int depth = 0;
    do {
      // Before a value.
      byte first = next();
      boolean isOpen = false;
      if (first == '{') {
        isOpen = openObject();
        if (isOpen) {
          push(depth++, true);
          field();
        }
      } else if (first == '[') {
        isOpen = openArray();
        if (isOpen) {
          push(depth++, false);
        }
      } else if (first == '"') {
        string();
      } else {
        literal(first);
      }
      if (!isOpen) {
        depth = nextValueDepth(depth);
      }
    } while (depth > 0);
    return kind;
  }

  /** After a value: closes what ends here and passes the comma; the depth, 0 at the very end. */
  private int nextValueDepth(int startDepth) throws MalformedJson {
    int depth = startDepth;
    while (depth > 0) {
      boolean isObject = ((isObjectByDepth[(depth - 1) >> 6] >>> (depth - 1)) & 1) != 0;
      if (isObject) {
        if (hasNextField()) {
          field();
          return depth;
        }
      } else {
        if (hasNextElement()) {
          return depth;
        }
      }
      depth--;
    }
    return 0;
  }

  private void push(int depth, boolean isObject) {
    int index = depth >> 6;
    if (index == isObjectByDepth.length) {
      isObjectByDepth = Arrays.copyOf(isObjectByDepth, index * 2);
    }
    long bit = 1L << depth;
    if (isObject) {
      isObjectByDepth[index] |= bit;
    } else {
      isObjectByDepth[index] &= ~bit;
    }
  }

  private MalformedJson fault(JsonFault fault) {
    return new MalformedJson(fault, position);
  }

  private static boolean isDigit(byte character) {
    return character >= '0' && character <= '9';
  }
}
