package dev.millrace.view;

import dev.millrace.view.table.Expressions;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.types.StructType;
import scala.Function1;

/** Reads rows of one type from the bytes that Spark keeps them in. */
final class RowReader {

  private final int fields;
  private final Function1<Object, Object> converter;

  RowReader(StructType type) {
    this.fields = type.length();
    this.converter = CatalystTypeConverters.createToScalaConverter(type);
  }

  /** The row; null for null. */
  Row read(byte[] bytes) {
    return bytes == null ? null : (Row) converter.apply(Expressions.row(bytes, fields));
  }
}
