package dev.millrace.sink.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

/** Values as COPY takes them. */
class CopyTextTest {

  @Test
  void escapesWhatCopyTakesForSomethingElse() {
    CopyText text = new CopyText(List.of(DataTypes.StringType, DataTypes.StringType));

    text.add('c', row("a\tb\\N\nc\r", "ü \\."), new int[] {0, 1});
    text.add('c', row(null, ""), new int[] {0, 1});
    text.add('d', row("key", "value"), new int[] {0, -1});

    assertThat(taken(text)).isEqualTo("c\ta\\tb\\\\N\\nc\\r\tü \\\\.\nc\t\\N\t\nd\tkey\t\\N\n");
    assertThat(text.size()).isZero();
  }

  @Test
  void numbersAndBytesKeepEveryDigit() {
    CopyText text =
        new CopyText(
            List.of(
                DataTypes.DoubleType,
                DataTypes.FloatType,
                DataTypes.createDecimalType(38, 20),
                DataTypes.BinaryType,
                DataTypes.BooleanType));

    text.add(
        'c',
        row(
            Double.MIN_VALUE,
            Float.NEGATIVE_INFINITY,
            Decimal.apply(new java.math.BigDecimal("0.00000000000000000001"), 38, 20),
            new byte[] {0, -1, 92},
            true),
        new int[] {0, 1, 2, 3, 4});

    assertThat(taken(text))
        .isEqualTo("c\t4.9E-324\t-Infinity\t0.00000000000000000001\t\\\\x00ff5c\tt\n");
  }

  @Test
  void daysAndTimesHaveErasAndMicroseconds() {
    assertThat(CopyText.date(LocalDate.of(2026, 11, 30).toEpochDay())).isEqualTo("2026-11-30");
    assertThat(CopyText.date(LocalDate.of(0, 2, 29).toEpochDay())).isEqualTo("0001-02-29 BC");
    assertThat(CopyText.date(LocalDate.of(-4713, 11, 24).toEpochDay())).isEqualTo("4714-11-24 BC");
    assertThat(CopyText.date(LocalDate.of(12_345, 1, 1).toEpochDay())).isEqualTo("12345-01-01");
    assertThat(CopyText.timestamp(micros("1969-12-31T23:59:59.999999Z"), "+00"))
        .isEqualTo("1969-12-31 23:59:59.999999+00");
    assertThat(CopyText.timestamp(micros("2026-11-30T08:00:00Z"), ""))
        .isEqualTo("2026-11-30 08:00:00");
    assertThat(CopyText.timestamp(micros("-0043-03-15T12:00:00.5Z"), "+00"))
        .isEqualTo("0044-03-15 12:00:00.500000+00 BC");
  }

  @Test
  void bothPartsOfAnIntervalHaveItsSign() {
    assertThat(CopyText.interval(0)).isEqualTo("0 days 00:00:00");
    assertThat(CopyText.interval(-93_784_000_005L)).isEqualTo("-1 days -02:03:04.000005");
    assertThat(CopyText.interval(-1)).isEqualTo("0 days -00:00:00.000001");
    assertThat(CopyText.interval(Long.MIN_VALUE)).isEqualTo("-106751991 days -04:00:54.775808");
  }

  private static long micros(String instant) {
    Instant parsed = Instant.parse(instant);
    return parsed.getEpochSecond() * 1_000_000 + parsed.getNano() / 1_000;
  }

  private static GenericInternalRow row(Object... values) {
    Object[] internal = values.clone();
    for (int i = 0; i < internal.length; i++) {
      if (internal[i] instanceof String string) {
        internal[i] = UTF8String.fromString(string);
      }
    }
    return new GenericInternalRow(internal);
  }

  private static String taken(CopyText text) {
    return new String(text.take(), StandardCharsets.UTF_8);
  }
}
