package dev.millrace.decode.column;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.decode.json.JsonText;
import java.io.Serializable;
import java.util.Base64;
import java.util.StringJoiner;
import java.util.UUID;

/**
 * What Debezium sends in the place of a value that Postgres did not: a text, or a form of it that
 * the field's type can hold. Immutable.
 *
 * <pre>
 *   text, json          "P"
 *   bytea               base64 of P
 *   text[]              ["P"]; json[], too
 *   bytea[]             base64 of P within [""]
 *   int[], bigint[]     P's bytes, one a number; date[], too
 *   uuid[]              the uuid that P's bytes give as a name (version 3)
 *   hstore              {"P":"P"}, as an object or as its text
 * </pre>
 *
 * <p>For values of every other type that can be large the connector sends null; see {@link
 * dev.millrace.event.PostgresTable.Column#isNullWhenUnchanged}.
 */
public final class PlaceholderText implements Serializable {

  private static final long serialVersionUID = 1L;

  /** What no value is. */
  public static final PlaceholderText NONE = new PlaceholderText();

  private final byte[] text;
  private final byte[] base64;

  /** The arrays and the object, as Connect's converter writes them: without spaces. */
  private final byte[][] nested;

  PlaceholderText(String placeholder) {
    byte[] bytes = placeholder.getBytes(UTF_8);
    StringJoiner numbers = new StringJoiner(",", "[", "]");
    for (byte value : bytes) {
      numbers.add(Byte.toString(value));
    }
    String quoted = quoted(placeholder);
    this.text = bytes;
    this.base64 = Base64.getEncoder().encode(bytes);
    this.nested =
        new byte[][] {
          ("[" + quoted + "]").getBytes(UTF_8),
          ("[\"" + Base64.getEncoder().encodeToString(bytes) + "\"]").getBytes(ISO_8859_1),
          numbers.toString().getBytes(ISO_8859_1),
          ("[\"" + UUID.nameUUIDFromBytes(bytes) + "\"]").getBytes(ISO_8859_1),
          ("{" + quoted + ":" + quoted + "}").getBytes(UTF_8)
        };
  }

  private PlaceholderText() {
    // No text in UTF-8 has this byte.
    this.text = new byte[] {(byte) 0xFF};
    this.base64 = text;
    this.nested = new byte[0][];
  }

  /** Whether a string's text is the placeholder, or that of an hstore. */
  boolean isText(JsonText value) {
    if (value.isEqualTo(text)) {
      return true;
    }
    byte first = value.length() > 0 ? value.bytes()[value.start()] : 0;
    return (first == '{' || first == '[') && isNested(value);
  }

  /** Whether a string's text is the placeholder of bytes. */
  boolean isBase64(JsonText value) {
    return value.isEqualTo(base64);
  }

  /** Whether the text of an array or an object is the placeholder of one. */
  boolean isNested(JsonText value) {
    for (byte[] form : nested) {
      if (value.isEqualTo(form)) {
        return true;
      }
    }
    return false;
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
