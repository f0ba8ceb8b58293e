package dev.millrace.sink;

import com.datastax.oss.driver.api.core.type.DataType;
import com.datastax.oss.driver.api.core.type.DataTypes;
import com.datastax.oss.driver.api.core.type.ListType;
import com.datastax.oss.driver.api.core.type.SetType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampType;

/** Which types of CQL hold the values of Spark's. Pure. */
final class CqlTypes {

  /**
   * For each of Spark's types those that hold all its values; a column that is created has the
   * first.
   */
  private static final Map<Class<?>, List<DataType>> HOLDERS =
      Map.ofEntries(
          Map.entry(BooleanType.class, List.of(DataTypes.BOOLEAN)),
          Map.entry(
              ByteType.class,
              List.of(
                  DataTypes.TINYINT,
                  DataTypes.SMALLINT,
                  DataTypes.INT,
                  DataTypes.BIGINT,
                  DataTypes.VARINT)),
          Map.entry(
              ShortType.class,
              List.of(DataTypes.SMALLINT, DataTypes.INT, DataTypes.BIGINT, DataTypes.VARINT)),
          Map.entry(IntegerType.class, List.of(DataTypes.INT, DataTypes.BIGINT, DataTypes.VARINT)),
          Map.entry(LongType.class, List.of(DataTypes.BIGINT, DataTypes.VARINT)),
          Map.entry(FloatType.class, List.of(DataTypes.FLOAT, DataTypes.DOUBLE)),
          Map.entry(DoubleType.class, List.of(DataTypes.DOUBLE)),
          Map.entry(DecimalType.class, List.of(DataTypes.DECIMAL)),
          Map.entry(
              StringType.class,
              List.of(DataTypes.TEXT, DataTypes.ASCII, DataTypes.UUID, DataTypes.TIMEUUID)),
          Map.entry(BinaryType.class, List.of(DataTypes.BLOB)),
          Map.entry(DateType.class, List.of(DataTypes.DATE)),
          // Milliseconds: what is finer is cut off.
          Map.entry(TimestampType.class, List.of(DataTypes.TIMESTAMP)));

  /** Text types by the name that a pipeline file gives them. */
  private static final Map<String, DataType> TEXT_TYPES =
      Map.of(
          "text", DataTypes.TEXT,
          "ascii", DataTypes.ASCII,
          "uuid", DataTypes.UUID,
          "timeuuid", DataTypes.TIMEUUID);

  private CqlTypes() {}

  /**
   * The type of a column that is created; empty where no type can hold it. Collections are frozen:
   * one that is not leaves a tombstone whenever it is written.
   */
  static Optional<DataType> of(org.apache.spark.sql.types.DataType type) {
    if (type instanceof ArrayType array) {
      return of(array.elementType()).map(DataTypes::frozenListOf);
    }
    if (type instanceof MapType map) {
      return of(map.keyType())
          .flatMap(key -> of(map.valueType()).map(value -> DataTypes.frozenMapOf(key, value)));
    }
    return Optional.ofNullable(HOLDERS.get(classOf(type))).map(holders -> holders.get(0));
  }

  /** A text type by its name. */
  static DataType ofText(String name) {
    return TEXT_TYPES.get(name);
  }

  /** Whether a column of an existing table holds the values of a type. */
  static boolean holds(DataType cql, org.apache.spark.sql.types.DataType type) {
    if (type instanceof ArrayType array) {
      return cql instanceof ListType list
          ? holds(list.getElementType(), array.elementType())
          : cql instanceof SetType set && holds(set.getElementType(), array.elementType());
    }
    if (type instanceof MapType map) {
      return cql instanceof com.datastax.oss.driver.api.core.type.MapType held
          && holds(held.getKeyType(), map.keyType())
          && holds(held.getValueType(), map.valueType());
    }
    return HOLDERS.getOrDefault(classOf(type), List.of()).contains(cql);
  }

  /** Spark's types are singletons of subclasses, in Java {@code BooleanType$}. */
  private static Class<?> classOf(org.apache.spark.sql.types.DataType type) {
    Class<?> found = type.getClass();
    while (found != null && !HOLDERS.containsKey(found)) {
      found = found.getSuperclass();
    }
    return found == null ? type.getClass() : found;
  }
}
