package dev.millrace.decode.column;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.decode.json.JsonScanner;
import dev.millrace.decode.json.MalformedJson;
import dev.millrace.error.data.ValueFault;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Texts by texts: a JSON object, or a text that holds one, which are what the connector sends for
 * {@code hstore} with {@code hstore.handling.mode} map and json. A value that is not text gives its
 * JSON text, null is null; of one key there is one value.
 */
final class MapReader extends ColumnReader {

  private static final long serialVersionUID = 1L;

  MapReader(ColumnDefinition column, TextRules rules) {
    super(column, rules);
  }

  @Override
  Object ofText(Scratch scratch) throws InvalidValue {
    // The text may be in the buffer that its own strings are about to be written to.
    byte[] json = scratch.text.toBytes();
    return map(json, 0, json.length, scratch);
  }

  @Override
  Object ofNumber(Scratch scratch) throws InvalidValue {
    throw new InvalidValue(ValueFault.NOT_OF_TYPE);
  }

  @Override
  Object ofNested(Scratch scratch) throws InvalidValue {
    return map(scratch.text.bytes(), scratch.text.start(), scratch.text.end(), scratch);
  }

  private static Object map(byte[] bytes, int start, int end, Scratch scratch) throws InvalidValue {
    JsonScanner json = scratch.json;
    Map<UTF8String, UTF8String> entries = new LinkedHashMap<>();
    try {
      json.reset(bytes, start, end);
      boolean hasField = json.openObject();
      while (hasField) {
        UTF8String key = text(json.field(), json, scratch);
        byte kind = json.value();
        UTF8String value = kind == JsonScanner.NULL ? null : text(kind, json, scratch);
        if (entries.containsKey(key)) {
          throw new InvalidValue(ValueFault.NOT_A_MAP);
        }
        entries.put(key, value);
        hasField = json.hasNextField();
      }
      json.close();
    } catch (MalformedJson e) {
      throw new InvalidValue(ValueFault.NOT_A_MAP);
    }
    List<UTF8String> keys = new ArrayList<>(entries.keySet());
    List<UTF8String> values = new ArrayList<>(entries.values());
    return new ArrayBasedMapData(
        new GenericArrayData(keys.toArray()), new GenericArrayData(values.toArray()));
  }

  private static UTF8String text(byte kind, JsonScanner json, Scratch scratch) {
    if (kind == JsonScanner.ESCAPED_STRING) {
      scratch.text.unescape(json.bytes(), json.valueStart(), json.valueEnd());
    } else {
      scratch.text.set(json.bytes(), json.valueStart(), json.valueEnd());
    }
    return scratch.text.toUtf8String();
  }
}
