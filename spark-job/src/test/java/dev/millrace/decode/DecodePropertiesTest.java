package dev.millrace.decode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.decode.column.InvalidValue;
import dev.millrace.decode.column.PythonBytesTest;
import java.math.BigDecimal;
import java.math.BigInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** Properties of every value; a value that breaks one is shrunk to the smallest that does. */
class DecodePropertiesTest {

  private static final Decoding DOUBLES = decoding(DataTypes.DoubleType);
  private static final Decoding FLOATS = decoding(DataTypes.FloatType);
  private static final Decoding DECIMALS = decoding(DataTypes.createDecimalType(38, 4));

  private static Decoding decoding(DataType type) {
    return Decoding.of(Tables.plain(Tables.column("v", type, TimeUnit.NONE)));
  }

  @Property(tries = 10_000)
  void givesBackWhateverReprWrote(@ForAll @Size(max = 40) byte[] bytes) throws InvalidValue {
    // A first byte that is not a quote keeps CSV out of it.
    Assume.that(bytes.length == 0 || bytes[0] != '"');

    assertThat(PythonBytesTest.decode(repr(bytes))).isEqualTo(bytes);
  }

  /** Python's own: single quotes unless only they occur in the text. */
  private static String repr(byte[] bytes) {
    boolean hasSingle = false;
    boolean hasDouble = false;
    for (byte value : bytes) {
      hasSingle |= value == '\'';
      hasDouble |= value == '"';
    }
    char quote = hasSingle && !hasDouble ? '"' : '\'';
    StringBuilder literal = new StringBuilder("b").append(quote);
    for (byte value : bytes) {
      if (value == quote || value == '\\') {
        literal.append('\\').append((char) value);
      } else if (value == '\t') {
        literal.append("\\t");
      } else if (value == '\n') {
        literal.append("\\n");
      } else if (value == '\r') {
        literal.append("\\r");
      } else if (value < ' ' || value == 0x7F) {
        literal.append(String.format("\\x%02x", value & 0xFF));
      } else {
        literal.append((char) value);
      }
    }
    return literal.append(quote).toString();
  }

  @Property(tries = 10_000)
  void readsDoublesAsJavaDoes(@ForAll("numbers") String text) {
    double expected = Double.parseDouble(text);
    Assume.that(!Double.isInfinite(expected) && (expected != 0 || isZero(text)));

    assertThat(DOUBLES.change("{\"id\":1,\"v\":" + text + ",\"__op\":\"c\"}").<Double>getAs("v"))
        .isEqualTo(expected);
  }

  @Property(tries = 10_000)
  void readsFloatsAsJavaDoes(@ForAll("numbers") String text) {
    float expected = Float.parseFloat(text);
    Assume.that(!Float.isInfinite(expected) && (expected != 0 || isZero(text)));

    assertThat(FLOATS.change("{\"id\":1,\"v\":" + text + ",\"__op\":\"c\"}").<Float>getAs("v"))
        .isEqualTo(expected);
  }

  @Property(tries = 10_000)
  void readsDecimalsExactlyOrNotAtAll(@ForAll("numbers") String text) {
    BigDecimal exact = new BigDecimal(text).stripTrailingZeros();

    Row decoded = DECIMALS.decode("{\"id\":1,\"v\":" + text + ",\"__op\":\"c\"}");

    if (exact.scale() <= 4 && exact.precision() - exact.scale() <= 34) {
      assertThat(decoded.getStruct(2).getDecimal(1)).isEqualByComparingTo(exact);
    } else {
      assertThat(decoded.getString(0)).isEqualTo(Outcome.REJECTED);
    }
  }

  private static boolean isZero(String text) {
    return new BigDecimal(text).signum() == 0;
  }

  /** Numbers as JSON writes them, of up to 30 digits before the point. */
  @Provide
  Arbitrary<String> numbers() {
    Arbitrary<String> whole =
        Arbitraries.oneOf(
                Arbitraries.strings().numeric().ofMinLength(1).ofMaxLength(8),
                Arbitraries.strings().numeric().ofLength(30))
            .map(text -> new BigInteger(text).toString());
    return Combinators.combine(
            Arbitraries.of("", "-"),
            whole,
            Arbitraries.strings().numeric().ofMaxLength(8),
            Arbitraries.integers().between(-40, 40).injectNull(0.75))
        .as(
            (sign, before, after, exponent) ->
                sign
                    + before
                    + (after.isEmpty() ? "" : "." + after)
                    + (exponent == null ? "" : "e" + exponent));
  }
}
