package dev.millrace.decode.json;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;

/** The names that are looked for in one JSON object, each with a slot of its own. Immutable. */
public final class FieldNames implements Serializable {

  private static final long serialVersionUID = 1L;

  private final byte[][] names;

  /** Open addressing by hash: slot + 1, 0 where empty. At most a quarter is in use. */
  private final int[] slots;

  public FieldNames(Collection<String> names) {
    List<String> distinct = List.copyOf(new LinkedHashSet<>(names));
    this.names = new byte[distinct.size()][];
    this.slots = new int[Integer.highestOneBit(Math.max(1, distinct.size())) * 8];
    for (int slot = 0; slot < distinct.size(); slot++) {
      byte[] name = distinct.get(slot).getBytes(StandardCharsets.UTF_8);
      this.names[slot] = name;
      int index = index(name, 0, name.length);
      while (slots[index] != 0) {
        index = (index + 1) & (slots.length - 1);
      }
      slots[index] = slot + 1;
    }
  }

  int size() {
    return names.length;
  }

  /** The slot of a name, -1 where it is none of these. */
  public int slot(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return slot(bytes, 0, bytes.length);
  }

  /** The slot of the name between {@code start} and {@code end}, -1 where it is none of these. */
  public int slot(byte[] bytes, int start, int end) {
    int index = index(bytes, start, end);
    while (slots[index] != 0) {
      int slot = slots[index] - 1;
      byte[] name = names[slot];
      if (Arrays.equals(name, 0, name.length, bytes, start, end)) {
        return slot;
      }
      index = (index + 1) & (slots.length - 1);
    }
    return -1;
  }

  private int index(byte[] bytes, int start, int end) {
    int hash = end - start;
    // Names of one table often begin alike: the end tells them apart.
    for (int at = Math.max(start, end - 12); at < end; at++) {
      hash = 31 * hash + bytes[at];
    }
    return (hash ^ (hash >>> 15)) & (slots.length - 1);
  }
}
