package dev.millrace.simulator;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Writes what Python's {@code repr} gives for a {@code bytes} object. */
final class PythonBytes {

  private static final HexFormat HEX = HexFormat.of();

  private PythonBytes() {}

  /**
   * The literal of the text's UTF-8 bytes.
   *
   * <pre>
   * Go Sedan         b'Go Sedan'
   * "CNR5884300"     b'"CNR5884300"'
   * Driver's fault   b"Driver's fault"
   * 5' 11"           b'5\' 11"'
   * Café             b'Caf\xc3\xa9'
   * </pre>
   */
  static String repr(String text) {
    return repr(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The literal of these bytes, which are not changed. */
  static String repr(byte[] bytes) {
    char quote = contains(bytes, '\'') && !contains(bytes, '"') ? '"' : '\'';
    StringBuilder literal = new StringBuilder(bytes.length + 3).append('b').append(quote);
    for (byte b : bytes) {
      appendEscaped(literal, b, quote);
    }
    return literal.append(quote).toString();
  }

  private static void appendEscaped(StringBuilder literal, byte b, char quote) {
    if (b == quote || b == '\\') {
      literal.append('\\').append((char) b);
    } else if (b == '\t') {
      literal.append("\\t");
    } else if (b == '\n') {
      literal.append("\\n");
    } else if (b == '\r') {
      literal.append("\\r");
    } else if (b < ' ' || b == 0x7f) { // bytes are signed: 0x80 to 0xff are below ' ' too
      literal.append("\\x").append(HEX.toHexDigits(b));
    } else {
      literal.append((char) b);
    }
  }

  private static boolean contains(byte[] bytes, char wanted) {
    for (byte b : bytes) {
      if (b == wanted) {
        return true;
      }
    }
    return false;
  }
}
