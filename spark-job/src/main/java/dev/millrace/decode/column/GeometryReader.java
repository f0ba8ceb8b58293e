package dev.millrace.decode.column;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.decode.json.FieldNames;
import dev.millrace.decode.json.ObjectSpans;
import dev.millrace.error.data.ValueFault;

/**
 * Shapes as well-known binary: the field {@code wkb} of the object that the connector sends for a
 * PostGIS geometry, {@code {"wkb":"..","srid":..}}, and for a Postgres point, which has {@code x}
 * and {@code y} besides. The field {@code srid} is not kept: bytes of PostGIS have it within, if
 * there is one.
 */
final class GeometryReader extends ColumnReader {

  private static final long serialVersionUID = 1L;

  private static final FieldNames FIELDS = new FieldNames(java.util.List.of("wkb"));

  GeometryReader(ColumnDefinition column, TextRules rules) {
    super(column, rules);
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
    ObjectSpans fields = scratch.fieldsOf(FIELDS);
    if (!fields.isText(0)) {
      throw new InvalidValue(ValueFault.NOT_OF_TYPE);
    }
    scratch.text.set(scratch.json.bytes(), fields.start(0), fields.end(0));
    if (!Base64Text.decode(scratch.text)) {
      throw new InvalidValue(ValueFault.NOT_BASE64);
    }
    return scratch.text.toBytes();
  }
}
