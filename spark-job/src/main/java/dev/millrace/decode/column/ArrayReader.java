package dev.millrace.decode.column;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.decode.json.JsonText;
import dev.millrace.decode.json.MalformedJson;
import dev.millrace.error.data.ValueFault;
import java.util.Arrays;
import org.apache.spark.sql.catalyst.util.GenericArrayData;

/** JSON arrays; each element is read like a column of the element's type, and may be null. */
final class ArrayReader extends ColumnReader {

  private static final long serialVersionUID = 1L;

  private final ColumnReader element;

  ArrayReader(ColumnDefinition column, TextRules rules, ColumnReader element) {
    super(column, rules);
    this.element = element;
  }

  @Override
  Object ofText(Scratch scratch) throws InvalidValue {
    throw new InvalidValue(ValueFault.NOT_OF_TYPE);
  }

  @Override
  Object ofNumber(Scratch scratch) throws InvalidValue {
    throw new InvalidValue(ValueFault.NOT_OF_TYPE);
  }

  @Override
  Object ofNested(Scratch scratch) throws InvalidValue {
    JsonText text = scratch.text;
    byte[] message = text.bytes();
    int at = text.start();
    int end = text.end();
    if (message[at] != '[') {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    Object[] elements = new Object[8];
    int count = 0;
    try {
      // Elements may need the scanner, too: it is reset for each.
      scratch.json.reset(message, at, end);
      boolean hasElement = scratch.json.openArray();
      while (hasElement) {
        byte kind = scratch.json.value();
        int next = scratch.json.position();
        Object value =
            element.read(
                kind, message, scratch.json.valueStart(), scratch.json.valueEnd(), scratch);
        if (value == UNCHANGED) {
          throw new InvalidValue(ValueFault.UNAVAILABLE);
        }
        if (count == elements.length) {
          elements = Arrays.copyOf(elements, count * 2);
        }
        elements[count++] = value;
        scratch.json.reset(message, next, end);
        hasElement = scratch.json.hasNextElement();
      }
    } catch (MalformedJson e) {
      throw new IllegalStateException("the scanner has passed it before", e);
    }
    return new GenericArrayData(Arrays.copyOf(elements, count));
  }
}
