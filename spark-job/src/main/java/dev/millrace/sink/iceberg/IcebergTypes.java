package dev.millrace.sink.iceberg;

import dev.millrace.error.IcebergErrors;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.iceberg.spark.SparkSchemaUtil;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Type.TypeID;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.YearMonthIntervalType;

/** Spark's types and those of Iceberg that hold their values without a loss. Pure. */
final class IcebergTypes {

  /** What is written; the others are a text with a form of its own, or nothing that Spark knows. */
  private static final Set<TypeID> WRITTEN =
      EnumSet.of(
          TypeID.BOOLEAN,
          TypeID.INTEGER,
          TypeID.LONG,
          TypeID.FLOAT,
          TypeID.DOUBLE,
          TypeID.DATE,
          TypeID.TIMESTAMP,
          TypeID.STRING,
          TypeID.BINARY,
          TypeID.DECIMAL,
          TypeID.STRUCT,
          TypeID.LIST,
          TypeID.MAP);

  private IcebergTypes() {}

  /** The type as which Spark has the values of a column that is created; all of it may be null. */
  static DataType stored(DataType type) {
    if (type instanceof ByteType || type instanceof ShortType) {
      return DataTypes.IntegerType;
    }
    if (type instanceof ArrayType array) {
      return DataTypes.createArrayType(stored(array.elementType()), true);
    }
    if (type instanceof MapType map) {
      return DataTypes.createMapType(stored(map.keyType()), stored(map.valueType()), true);
    }
    if (type instanceof StructType struct) {
      return new StructType(
          Arrays.stream(struct.fields())
              .map(
                  field ->
                      DataTypes.createStructField(field.name(), stored(field.dataType()), true))
              .toArray(StructField[]::new));
    }
    return type;
  }

  /** The type of a column that is created, its ids those of no table. */
  static Type created(DataType type) {
    return SparkSchemaUtil.convert(stored(type));
  }

  /** Whether a column of a table takes the values of one of the result. */
  static boolean holds(Type found, DataType type) {
    if (!allTypes(found).allMatch(each -> WRITTEN.contains(each.typeId()))) {
      return false;
    }
    DataType wanted = stored(type);
    DataType there = stored(SparkSchemaUtil.convert(found));
    return there.equals(wanted) || isWider(there, wanted);
  }

  private static Stream<Type> allTypes(Type type) {
    return type.isNestedType()
        ? Stream.concat(
            Stream.of(type),
            TypeUtil.indexById(Types.StructType.of(Types.NestedField.optional(0, "c", type)))
                .values()
                .stream()
                .map(Types.NestedField::type))
        : Stream.of(type);
  }

  private static boolean isWider(DataType found, DataType type) {
    return accepted(type).contains(found)
        || (found instanceof DecimalType there
            && type instanceof DecimalType decimal
            && there.scale() >= decimal.scale()
            && there.precision() - there.scale() >= decimal.precision() - decimal.scale());
  }

  private static List<DataType> accepted(DataType type) {
    if (type instanceof IntegerType) {
      return List.of(DataTypes.LongType);
    }
    return type instanceof FloatType ? List.of(DataTypes.DoubleType) : List.of();
  }

  /** What is wrong with a key, a line for each column by which rows can't be found. */
  static List<String> objectionsToKey(List<StructField> key) {
    return key.stream()
        .filter(column -> isStorable(column.dataType()) && !canBeKey(column.dataType()))
        .map(column -> IcebergErrors.keyType(column.name(), column.dataType().simpleString()))
        .toList();
  }

  /** Whether rows are found by a column of this type, by the format's rule for equality deletes. */
  private static boolean canBeKey(DataType type) {
    return !(type instanceof FloatType
        || type instanceof DoubleType
        || type instanceof ArrayType
        || type instanceof MapType
        || type instanceof StructType);
  }

  /** Whether the format has the type. */
  static boolean isStorable(DataType type) {
    if (type instanceof ArrayType array) {
      return isStorable(array.elementType());
    }
    if (type instanceof MapType map) {
      return isStorable(map.keyType()) && isStorable(map.valueType());
    }
    if (type instanceof StructType struct) {
      return Arrays.stream(struct.fields()).allMatch(field -> isStorable(field.dataType()));
    }
    return !(type instanceof DayTimeIntervalType
        || type instanceof YearMonthIntervalType
        || type instanceof NullType);
  }
}
