package dev.millrace.cassandra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.datastax.oss.driver.api.core.data.CqlDuration;
import com.datastax.oss.driver.api.core.data.CqlVector;
import com.datastax.oss.driver.api.core.data.TupleValue;
import com.datastax.oss.driver.api.core.type.DataType;
import com.datastax.oss.driver.api.core.type.DataTypes;
import com.datastax.oss.driver.api.core.type.TupleType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.junit.jupiter.api.Test;

class SparkValuesTest {

  @Test
  void readsEveryTypeThatIsASingleValue() {
    UUID id = UUID.fromString("7d64dcf6-5d14-4a4e-8b27-6a4e7bb1a1f1");
    assertReads(DataTypes.BOOLEAN, true, "boolean", "true");
    assertReads(DataTypes.TINYINT, (byte) -1, "tinyint", "-1");
    assertReads(DataTypes.SMALLINT, (short) 2, "smallint", "2");
    assertReads(DataTypes.INT, 3, "int", "3");
    assertReads(DataTypes.BIGINT, 4L, "bigint", "4");
    assertReads(DataTypes.COUNTER, 5L, "bigint", "5");
    assertReads(DataTypes.VARINT, BigInteger.TEN.pow(30), "decimal(38,0)", "1" + "0".repeat(30));
    assertReads(DataTypes.FLOAT, 1.5f, "float", "1.5");
    assertReads(DataTypes.DOUBLE, 2.5, "double", "2.5");
    assertReads(
        DataTypes.DECIMAL, new BigDecimal("-1.50"), "decimal(38,18)", "-1.500000000000000000");
    assertReads(DataTypes.TEXT, "é", "string", "é");
    assertReads(DataTypes.ASCII, "e", "string", "e");
    assertReads(DataTypes.UUID, id, "string", id.toString());
    assertReads(DataTypes.TIMEUUID, id, "string", id.toString());
    assertReads(DataTypes.INET, InetAddress.getLoopbackAddress(), "string", "127.0.0.1");
    assertReads(DataTypes.TIME, LocalTime.of(13, 5, 1), "string", "13:05:01");
    assertReads(DataTypes.DURATION, CqlDuration.from("1mo2d3h"), "string", "1mo2d3h");
    assertReads(DataTypes.DATE, LocalDate.of(1815, 12, 10), "date", "1815-12-10");
    assertReads(
        DataTypes.TIMESTAMP,
        Instant.parse("1969-12-31T23:59:59.999Z"),
        "timestamp",
        "1969-12-31T23:59:59.999Z");
    assertThat((byte[]) read(DataTypes.BLOB, ByteBuffer.wrap(new byte[] {1, 2})))
        .containsExactly(1, 2);
  }

  @Test
  void readsWhatHoldsOtherValues() {
    assertReads(
        DataTypes.listOf(DataTypes.UUID),
        List.of(new UUID(0, 1)),
        "array<string>",
        "WrappedArray(00000000-0000-0000-0000-000000000001)");
    assertReads(DataTypes.setOf(DataTypes.INT), Set.of(7), "array<int>", "WrappedArray(7)");
    assertReads(
        DataTypes.mapOf(DataTypes.TEXT, DataTypes.listOf(DataTypes.INT)),
        Map.of("a", List.of(1, 2)),
        "map<string,array<int>>",
        "Map(a -> WrappedArray(1, 2))");
    assertReads(
        DataTypes.vectorOf(DataTypes.FLOAT, 2),
        CqlVector.newInstance(1f, 2f),
        "array<float>",
        "WrappedArray(1.0, 2.0)");
    TupleType pair = DataTypes.tupleOf(DataTypes.TEXT, DataTypes.INT);
    TupleValue half = pair.newValue().setString(0, "x");
    assertReads(pair, half, "struct<_1:string,_2:int>", "[x,null]");
  }

  @Test
  void refusesNumbersThatSqlCannotHold() {
    assertThatThrownBy(() -> read(DataTypes.DECIMAL, new BigDecimal("1e-19")))
        .isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> read(DataTypes.VARINT, BigInteger.TEN.pow(38)))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageEndingWith("has too many digits");
    assertThatThrownBy(() -> read(DataTypes.TIMESTAMP, Instant.ofEpochSecond(1L << 50)))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void storesWhatItReadUnlessTheTypeHasNoBoundsInCassandraOrIsText() {
    for (DataType cql :
        List.of(
            DataTypes.BOOLEAN,
            DataTypes.TINYINT,
            DataTypes.BIGINT,
            DataTypes.DOUBLE,
            DataTypes.DECIMAL,
            DataTypes.TEXT,
            DataTypes.UUID,
            DataTypes.BLOB,
            DataTypes.DATE,
            DataTypes.TIMESTAMP,
            DataTypes.listOf(DataTypes.INT),
            DataTypes.setOf(DataTypes.TEXT),
            DataTypes.mapOf(DataTypes.TEXT, DataTypes.UUID))) {
      assertThat(CqlTypes.holds(cql, CqlTypes.toSpark(cql).orElseThrow()))
          .as(cql.toString())
          .isTrue();
    }
  }

  @Test
  void knowsNoTypeForThoseOfOthers() {
    assertThat(CqlTypes.toSpark(DataTypes.custom("com.example.Point"))).isEmpty();
    assertThat(CqlTypes.toSpark(DataTypes.listOf(DataTypes.custom("com.example.Point")))).isEmpty();
  }

  /** Compares the type by its name, and the value as a row of Spark shows it. */
  private static void assertReads(DataType cql, Object value, String type, String shown) {
    assertThat(CqlTypes.toSpark(cql).orElseThrow().simpleString()).isEqualTo(type);
    Object external =
        CatalystTypeConverters.convertToScala(
            read(cql, value), CqlTypes.toSpark(cql).orElseThrow());
    if (external instanceof java.sql.Timestamp timestamp) {
      external = timestamp.toInstant();
    }
    assertThat(external.toString()).isEqualTo(shown);
  }

  private static Object read(DataType cql, Object value) {
    return SparkValues.from(cql).of(value);
  }
}
