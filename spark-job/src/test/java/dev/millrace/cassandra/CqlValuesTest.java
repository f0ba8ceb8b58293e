package dev.millrace.cassandra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.datastax.oss.driver.api.core.type.DataType;
import com.datastax.oss.driver.api.core.type.DataTypes;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

class CqlValuesTest {

  private static final DataType UUID_TYPE = DataTypes.UUID;

  @Test
  void readsWhatTheDriverTakes() {
    assertThat(read("INT", DataTypes.INT, 5)).isEqualTo(5);
    assertThat(read("INT", DataTypes.BIGINT, 5)).isEqualTo(5L);
    assertThat(read("SMALLINT", DataTypes.VARINT, (short) 5)).isEqualTo(BigInteger.valueOf(5));
    assertThat(read("FLOAT", DataTypes.DOUBLE, 1.5f)).isEqualTo(1.5);
    assertThat(read("DATE", DataTypes.DATE, 20_000)).isEqualTo(LocalDate.of(2024, 10, 4));
    assertThat(read("TIMESTAMP", DataTypes.TIMESTAMP, -1L))
        .isEqualTo(Instant.parse("1969-12-31T23:59:59.999999Z"));
    assertThat(
            read("DECIMAL(5, 2)", DataTypes.DECIMAL, Decimal.apply(new BigDecimal("1.50"), 5, 2)))
        .isEqualTo(new BigDecimal("1.50"));
    assertThat(read("STRING", UUID_TYPE, text("7d64dcf6-5d14-4a4e-8b27-6a4e7bb1a1f1")))
        .isEqualTo(UUID.fromString("7d64dcf6-5d14-4a4e-8b27-6a4e7bb1a1f1"));
  }

  @Test
  void readsCollections() {
    GenericArrayData texts = new GenericArrayData(new Object[] {text("b"), text("a"), text("b")});

    assertThat(read("ARRAY<STRING>", DataTypes.listOf(DataTypes.TEXT), texts))
        .isEqualTo(List.of("b", "a", "b"));
    assertThat(read("ARRAY<STRING>", DataTypes.setOf(DataTypes.TEXT), texts))
        .isEqualTo(Set.of("a", "b"));
  }

  @Test
  void refusesWhatCassandraCannotHold() {
    assertThatThrownBy(() -> read("STRING", UUID_TYPE, text("1-2-3-4-5")))
        .hasMessage("'1-2-3-4-5' is not a uuid");
    assertThatThrownBy(
            () ->
                read(
                    "ARRAY<STRING>",
                    DataTypes.listOf(DataTypes.TEXT),
                    new GenericArrayData(new Object[] {null})))
        .hasMessage("a collection in Cassandra holds no null");
  }

  private static Object read(String spark, DataType cql, Object value) {
    org.apache.spark.sql.types.DataType type = org.apache.spark.sql.types.DataType.fromDDL(spark);
    assertThat(CqlTypes.holds(cql, type)).isTrue();
    return CqlValues.of(type, cql).read(new GenericInternalRow(new Object[] {value}), 0);
  }

  private static UTF8String text(String text) {
    return UTF8String.fromString(text);
  }
}
