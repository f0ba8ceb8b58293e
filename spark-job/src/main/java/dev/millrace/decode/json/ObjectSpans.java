package dev.millrace.decode.json;

import dev.millrace.error.data.JsonFault;
import java.util.Arrays;

/**
 * Where the values of one JSON object's known fields are in the message.
 *
 * <p>Objects of one topic have the same fields in the same order, nearly always. So the name that
 * stood at an ordinal last time is compared first, and only where that fails a name is looked up.
 * Not thread-safe: one for each task.
 */
public final class ObjectSpans {

  /**
   * Beyond this many fields names are looked up; it bounds what a malformed message makes us keep.
   */
  private static final int MAX_EXPECTED_FIELDS = 4096;

  private static final int MAX_EXPECTED_NAME_BYTES = 256;

  private final FieldNames names;
  private final byte[] kinds;
  private final int[] starts;
  private final int[] ends;
  private byte[][] expectedNames = new byte[64][];
  private int[] expectedSlots = new int[64];
  private int fieldCount;

  /** Null where nobody asks for unknown names. */
  private final UnknownNames unknown;

  /** Of an object whose unknown fields are of no interest. */
  public ObjectSpans(FieldNames names) {
    this(names, null);
  }

  public ObjectSpans(FieldNames names, UnknownNames unknown) {
    this.unknown = unknown;
    this.names = names;
    this.kinds = new byte[names.size()];
    this.starts = new int[names.size()];
    this.ends = new int[names.size()];
  }

  public void clear() {
    Arrays.fill(kinds, JsonScanner.ABSENT);
    fieldCount = 0;
  }

  /** How many fields the object has, the unknown ones included. */
  public int fieldCount() {
    return fieldCount;
  }

  /** One of the kinds of {@link JsonScanner}. */
  public byte kind(int slot) {
    return kinds[slot];
  }

  public int start(int slot) {
    return starts[slot];
  }

  public int end(int slot) {
    return ends[slot];
  }

  /** Whether the value is a string, and one whose text is its bytes. */
  public boolean isText(int slot) {
    return kinds[slot] == JsonScanner.STRING;
  }

  public boolean hasValue(int slot) {
    return kinds[slot] > JsonScanner.NULL;
  }

  /** Passes the name of the object's next field: its slot, -1 where it is unknown. */
  public int passField(JsonScanner json, JsonText text) throws MalformedJson {
    int ordinal = fieldCount++;
    if (ordinal < expectedNames.length) {
      byte[] expected = expectedNames[ordinal];
      if (expected != null && json.passField(expected)) {
        return expectedSlots[ordinal];
      }
    }
    if (json.field() == JsonScanner.ESCAPED_STRING) {
      text.unescape(json.bytes(), json.valueStart(), json.valueEnd());
      return slot(text.bytes(), text.start(), text.end());
    }
    int slot = slot(json.bytes(), json.valueStart(), json.valueEnd());
    expect(ordinal, slot, json);
    return slot;
  }

  /** Notes a value; a slot of -1 is of no interest. */
  public void put(int slot, byte kind, int start, int end) throws MalformedJson {
    if (slot < 0) {
      return;
    }
    if (kinds[slot] != JsonScanner.ABSENT) {
      throw new MalformedJson(JsonFault.DUPLICATE_FIELD, start);
    }
    kinds[slot] = kind;
    starts[slot] = start;
    ends[slot] = end;
  }

  private int slot(byte[] bytes, int start, int end) {
    int slot = names.slot(bytes, start, end);
    if (slot < 0 && unknown != null) {
      unknown.meet(bytes, start, end);
    }
    return slot;
  }

  private void expect(int ordinal, int slot, JsonScanner json) {
    int length = json.valueEnd() - json.valueStart();
    if (ordinal >= MAX_EXPECTED_FIELDS || length > MAX_EXPECTED_NAME_BYTES) {
      return;
    }
    if (ordinal >= expectedNames.length) {
      expectedNames = Arrays.copyOf(expectedNames, ordinal * 2);
      expectedSlots = Arrays.copyOf(expectedSlots, ordinal * 2);
    }
    byte[] quoted = new byte[length + 3];
    quoted[0] = '"';
    System.arraycopy(json.bytes(), json.valueStart(), quoted, 1, length);
    quoted[length + 1] = '"';
    quoted[length + 2] = ':';
    expectedNames[ordinal] = quoted;
    expectedSlots[ordinal] = slot;
  }
}
