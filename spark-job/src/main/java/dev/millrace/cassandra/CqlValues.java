package dev.millrace.cassandra;

import com.datastax.oss.driver.api.core.type.DataType;
import com.datastax.oss.driver.api.core.type.DataTypes;
import com.datastax.oss.driver.api.core.type.ListType;
import com.datastax.oss.driver.api.core.type.SetType;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.TimestampType;

/** Reads values of Spark's rows as the driver takes them. Pure. */
@FunctionalInterface
public interface CqlValues {

  /**
   * The value at a place that is not null.
   *
   * @throws IllegalArgumentException where the type in Cassandra does not take it: a text that is
   *     not a uuid, a null within a collection
   */
  Object read(SpecializedGetters row, int ordinal);

  /** The reader for a type that {@link CqlTypes#holds} accepts. */
  static CqlValues of(org.apache.spark.sql.types.DataType type, DataType cql) {
    if (type instanceof BooleanType) {
      return SpecializedGetters::getBoolean;
    }
    if (type instanceof ByteType) {
      return (row, ordinal) -> whole(row.getByte(ordinal), cql);
    }
    if (type instanceof ShortType) {
      return (row, ordinal) -> whole(row.getShort(ordinal), cql);
    }
    if (type instanceof IntegerType) {
      return (row, ordinal) -> whole(row.getInt(ordinal), cql);
    }
    if (type instanceof LongType) {
      return (row, ordinal) -> whole(row.getLong(ordinal), cql);
    }
    if (type instanceof FloatType) {
      return cql.equals(DataTypes.DOUBLE)
          ? (row, ordinal) -> (double) row.getFloat(ordinal)
          : SpecializedGetters::getFloat;
    }
    if (type instanceof DoubleType) {
      return SpecializedGetters::getDouble;
    }
    if (type instanceof DecimalType decimal) {
      return (row, ordinal) ->
          row.getDecimal(ordinal, decimal.precision(), decimal.scale()).toJavaBigDecimal();
    }
    if (type instanceof BinaryType) {
      return (row, ordinal) -> ByteBuffer.wrap(row.getBinary(ordinal));
    }
    if (type instanceof DateType) {
      return (row, ordinal) -> LocalDate.ofEpochDay(row.getInt(ordinal));
    }
    if (type instanceof TimestampType) {
      return (row, ordinal) -> Instant.EPOCH.plus(row.getLong(ordinal), ChronoUnit.MICROS);
    }
    if (type instanceof ArrayType array) {
      return collection(array, cql);
    }
    if (type instanceof MapType map) {
      return map(map, (com.datastax.oss.driver.api.core.type.MapType) cql);
    }
    return cql.equals(DataTypes.UUID) || cql.equals(DataTypes.TIMEUUID)
        ? (row, ordinal) -> uuid(row.getUTF8String(ordinal).toString())
        : (row, ordinal) -> row.getUTF8String(ordinal).toString();
  }

  private static Object whole(long value, DataType cql) {
    if (cql.equals(DataTypes.BIGINT)) {
      return value;
    }
    if (cql.equals(DataTypes.INT)) {
      return (int) value;
    }
    if (cql.equals(DataTypes.SMALLINT)) {
      return (short) value;
    }
    return cql.equals(DataTypes.TINYINT) ? (Object) (byte) value : BigInteger.valueOf(value);
  }

  /** Java's own parser takes shorter groups, too, and makes another uuid of them. */
  private static UUID uuid(String text) {
    UUID parsed = UUID.fromString(text);
    if (text.length() != 36) {
      throw new IllegalArgumentException("'" + text + "' is not a uuid");
    }
    return parsed;
  }

  private static CqlValues collection(ArrayType array, DataType cql) {
    boolean isSet = cql instanceof SetType;
    DataType elementType =
        isSet ? ((SetType) cql).getElementType() : ((ListType) cql).getElementType();
    CqlValues element = of(array.elementType(), elementType);
    return (row, ordinal) -> {
      List<Object> values = all(row.getArray(ordinal), element);
      return isSet ? new LinkedHashSet<>(values) : values;
    };
  }

  private static CqlValues map(MapType map, com.datastax.oss.driver.api.core.type.MapType cql) {
    CqlValues key = of(map.keyType(), cql.getKeyType());
    CqlValues value = of(map.valueType(), cql.getValueType());
    return (row, ordinal) -> {
      MapData data = row.getMap(ordinal);
      List<Object> keys = all(data.keyArray(), key);
      List<Object> values = all(data.valueArray(), value);
      Map<Object, Object> pairs = new LinkedHashMap<>();
      for (int i = 0; i < keys.size(); i++) {
        pairs.put(keys.get(i), values.get(i));
      }
      return pairs;
    };
  }

  private static List<Object> all(ArrayData data, CqlValues element) {
    List<Object> values = new ArrayList<>(data.numElements());
    for (int i = 0; i < data.numElements(); i++) {
      if (data.isNullAt(i)) {
        throw new IllegalArgumentException("a collection in Cassandra holds no null");
      }
      values.add(element.read(data, i));
    }
    return values;
  }
}
