package dev.millrace.view.table;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.Attribute;
import org.apache.spark.sql.catalyst.expressions.BindReferences$;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.optimizer.NormalizeFloatingNumbers$;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.unsafe.hash.Murmur3_x86_32;
import scala.collection.JavaConverters;

/** Catalyst's expressions and rows as Java has them. */
public final class Expressions {

  private Expressions() {}

  public static <T> List<T> list(scala.collection.Seq<T> scala) {
    return new ArrayList<>(JavaConverters.seqAsJavaList(scala));
  }

  public static <T> scala.collection.Seq<T> seq(List<? extends T> java) {
    List<T> copy = new ArrayList<>(java);
    return JavaConverters.asScalaBuffer(copy).toList();
  }

  /** An expression whose attributes are the ordinals of {@code input}. */
  public static Expression bind(Expression expression, List<Attribute> input) {
    return BindReferences$.MODULE$.bindReference(
        expression,
        org.apache.spark.sql.catalyst.expressions.package$.MODULE$.AttributeSeq(seq(input)),
        false);
  }

  public static Expression[] bindAll(
      List<? extends Expression> expressions, List<Attribute> input) {
    return expressions.stream().map(each -> bind(each, input)).toArray(Expression[]::new);
  }

  /** With one zero and one NaN, as rows are grouped. */
  public static Expression normalized(Expression expression) {
    return NormalizeFloatingNumbers$.MODULE$.normalize(expression);
  }

  public static UnsafeProjection projection(Expression... expressions) {
    return UnsafeProjection.create(seq(Arrays.asList(expressions)));
  }

  /** A row over bytes that nobody changes; null for null. */
  public static UnsafeRow row(byte[] bytes, int fields) {
    if (bytes == null) {
      return null;
    }
    UnsafeRow row = new UnsafeRow(fields);
    row.pointTo(bytes, bytes.length);
    return row;
  }

  /** The bytes that a buffer wraps. */
  public static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  /** The same for the same bytes, in every process. */
  public static int hash(byte[] bytes) {
    return Murmur3_x86_32.hashUnsafeBytes(bytes, Platform.BYTE_ARRAY_OFFSET, bytes.length, 42);
  }
}
