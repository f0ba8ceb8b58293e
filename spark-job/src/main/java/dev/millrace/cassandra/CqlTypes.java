package dev.millrace.cassandra;

import com.datastax.oss.driver.api.core.CqlIdentifier;
import com.datastax.oss.driver.api.core.type.DataType;
import com.datastax.oss.driver.api.core.type.DataTypes;
import com.datastax.oss.driver.api.core.type.ListType;
import com.datastax.oss.driver.api.core.type.SetType;
import com.datastax.oss.driver.api.core.type.TupleType;
import com.datastax.oss.driver.api.core.type.UserDefinedType;
import com.datastax.oss.driver.api.core.type.VectorType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
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
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/** Which types of CQL hold the values of Spark's, and which of Spark's hold those of CQL. Pure. */
public final class CqlTypes {

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

  /** A number without bounds is read as the widest that SQL has. */
  private static final int MAX_DIGITS = DecimalType.MAX_PRECISION();

  private static final int DIGITS_AFTER_POINT = 18;

  private static final Map<DataType, org.apache.spark.sql.types.DataType> READ_AS =
      Map.ofEntries(
          Map.entry(DataTypes.BOOLEAN, org.apache.spark.sql.types.DataTypes.BooleanType),
          Map.entry(DataTypes.TINYINT, org.apache.spark.sql.types.DataTypes.ByteType),
          Map.entry(DataTypes.SMALLINT, org.apache.spark.sql.types.DataTypes.ShortType),
          Map.entry(DataTypes.INT, org.apache.spark.sql.types.DataTypes.IntegerType),
          Map.entry(DataTypes.BIGINT, org.apache.spark.sql.types.DataTypes.LongType),
          Map.entry(DataTypes.COUNTER, org.apache.spark.sql.types.DataTypes.LongType),
          Map.entry(DataTypes.VARINT, new DecimalType(MAX_DIGITS, 0)),
          Map.entry(DataTypes.FLOAT, org.apache.spark.sql.types.DataTypes.FloatType),
          Map.entry(DataTypes.DOUBLE, org.apache.spark.sql.types.DataTypes.DoubleType),
          Map.entry(DataTypes.DECIMAL, new DecimalType(MAX_DIGITS, DIGITS_AFTER_POINT)),
          Map.entry(DataTypes.TEXT, org.apache.spark.sql.types.DataTypes.StringType),
          Map.entry(DataTypes.ASCII, org.apache.spark.sql.types.DataTypes.StringType),
          Map.entry(DataTypes.UUID, org.apache.spark.sql.types.DataTypes.StringType),
          Map.entry(DataTypes.TIMEUUID, org.apache.spark.sql.types.DataTypes.StringType),
          Map.entry(DataTypes.INET, org.apache.spark.sql.types.DataTypes.StringType),
          Map.entry(DataTypes.TIME, org.apache.spark.sql.types.DataTypes.StringType),
          Map.entry(DataTypes.DURATION, org.apache.spark.sql.types.DataTypes.StringType),
          Map.entry(DataTypes.BLOB, org.apache.spark.sql.types.DataTypes.BinaryType),
          Map.entry(DataTypes.DATE, org.apache.spark.sql.types.DataTypes.DateType),
          Map.entry(DataTypes.TIMESTAMP, org.apache.spark.sql.types.DataTypes.TimestampType));

  private CqlTypes() {}

  /**
   * The type of a column that is created; empty where no type can hold it. Collections are frozen:
   * one that is not leaves a tombstone whenever it is written.
   */
  public static Optional<DataType> of(org.apache.spark.sql.types.DataType type) {
    if (type instanceof ArrayType array) {
      return of(array.elementType()).map(DataTypes::frozenListOf);
    }
    if (type instanceof MapType map) {
      return of(map.keyType())
          .flatMap(key -> of(map.valueType()).map(value -> DataTypes.frozenMapOf(key, value)));
    }
    return Optional.ofNullable(HOLDERS.get(classOf(type))).map(holders -> holders.get(0));
  }

  /**
   * Spark's type for the values of a column; empty where it has none. What SQL has no type for but
   * a text can say ({@code uuid}, {@code inet}, {@code time}, {@code duration}) is a string.
   */
  public static Optional<org.apache.spark.sql.types.DataType> toSpark(DataType cql) {
    if (cql instanceof ListType list) {
      return toSpark(list.getElementType()).map(CqlTypes::arrayOf);
    }
    if (cql instanceof SetType set) {
      return toSpark(set.getElementType()).map(CqlTypes::arrayOf);
    }
    if (cql instanceof VectorType vector) {
      return toSpark(vector.getElementType()).map(CqlTypes::arrayOf);
    }
    if (cql instanceof com.datastax.oss.driver.api.core.type.MapType map) {
      return toSpark(map.getKeyType())
          .flatMap(
              key ->
                  toSpark(map.getValueType())
                      .map(
                          value ->
                              org.apache.spark.sql.types.DataTypes.createMapType(
                                  key, value, true)));
    }
    if (cql instanceof TupleType tuple) {
      List<String> names =
          IntStream.range(0, tuple.getComponentTypes().size())
              .mapToObj(component -> "_" + (component + 1))
              .toList();
      return struct(names, tuple.getComponentTypes());
    }
    if (cql instanceof UserDefinedType type) {
      return struct(
          type.getFieldNames().stream().map(CqlIdentifier::asInternal).toList(),
          type.getFieldTypes());
    }
    return Optional.ofNullable(READ_AS.get(cql));
  }

  private static org.apache.spark.sql.types.DataType arrayOf(
      org.apache.spark.sql.types.DataType element) {
    return org.apache.spark.sql.types.DataTypes.createArrayType(element, true);
  }

  private static Optional<org.apache.spark.sql.types.DataType> struct(
      List<String> names, List<DataType> types) {
    StructType struct = new StructType();
    for (int field = 0; field < names.size(); field++) {
      Optional<org.apache.spark.sql.types.DataType> type = toSpark(types.get(field));
      if (type.isEmpty()) {
        return Optional.empty();
      }
      struct = struct.add(names.get(field), type.get());
    }
    return Optional.of(struct);
  }

  /** A text type by its name. */
  public static DataType ofText(String name) {
    return TEXT_TYPES.get(name);
  }

  /** Whether a column of an existing table holds the values of a type. */
  public static boolean holds(DataType cql, org.apache.spark.sql.types.DataType type) {
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
