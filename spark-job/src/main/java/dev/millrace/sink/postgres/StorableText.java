package dev.millrace.sink.postgres;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.objects.StaticInvoke;
import org.apache.spark.sql.types.AbstractDataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * Texts that no table of Postgres holds. One call for each, instead of expressions of Spark: with
 * many columns of text their code is longer than what the JVM compiles.
 */
public final class StorableText {

  private StorableText() {}

  /** A condition on a column of text; null for null. */
  static Column isUnstorable(Column text) {
    return new Column(
        new StaticInvoke(
            StorableText.class,
            DataTypes.BooleanType,
            "isUnstorable",
            seq(text.expr()),
            JavaConverters.<AbstractDataType>asScalaBuffer(List.of()).toList(),
            true,
            true,
            true));
  }

  private static Seq<Expression> seq(Expression one) {
    return JavaConverters.asScalaBuffer(List.of(one)).toList();
  }

  /** Whether a text has U+0000, or bytes that are not UTF-8. Called by code that Spark makes. */
  public static boolean isUnstorable(UTF8String text) {
    byte[] bytes = text.getBytes();
    boolean isAscii = true;
    for (byte each : bytes) {
      if (each == 0) {
        return true;
      }
      isAscii &= each > 0;
    }
    return !isAscii
        && !UTF8String.fromString(new String(bytes, StandardCharsets.UTF_8)).equals(text);
  }
}
