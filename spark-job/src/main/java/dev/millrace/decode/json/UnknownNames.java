package dev.millrace.decode.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The names of a row's fields that the table does not declare, each noticed once. Names that begin
 * with two underscores are those of the connector's transforms and none of these. Not thread-safe:
 * one for each task.
 */
public final class UnknownNames {

  /** Bounds what an unusual topic makes us keep. */
  private static final int MAX_NAMES = 1000;

  private static final int MAX_NAME_BYTES = 256;

  /** Whether any name counts, each time that it is met. */
  private final boolean isStrict;

  private final Set<String> met = new HashSet<>();
  private final List<UTF8String> fresh = new ArrayList<>();

  public UnknownNames(boolean isStrict) {
    this.isStrict = isStrict;
  }

  /** Takes note of a name that is none of the known ones. */
  void meet(byte[] bytes, int start, int end) {
    if (isStrict) {
      fresh.add(UTF8String.fromBytes(bytes, start, end - start));
      return;
    }
    boolean isAdded = end - start >= 2 && bytes[start] == '_' && bytes[start + 1] == '_';
    if (isAdded || end - start > MAX_NAME_BYTES || met.size() >= MAX_NAMES) {
      return;
    }
    String name = new String(bytes, start, end - start, StandardCharsets.UTF_8);
    if (met.add(name)) {
      fresh.add(UTF8String.fromString(name));
    }
  }

  /** Drops what was met since the last {@link #take}. */
  public void clear() {
    if (!fresh.isEmpty()) {
      fresh.clear();
    }
  }

  /** The names that were met for the first time; null where there are none. */
  public ArrayData take() {
    if (fresh.isEmpty()) {
      return null;
    }
    ArrayData names = new GenericArrayData(fresh.toArray());
    fresh.clear();
    return names;
  }
}
