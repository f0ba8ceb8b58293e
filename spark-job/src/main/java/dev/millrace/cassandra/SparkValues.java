package dev.millrace.cassandra;

import com.datastax.oss.driver.api.core.data.CqlVector;
import com.datastax.oss.driver.api.core.data.TupleValue;
import com.datastax.oss.driver.api.core.data.UdtValue;
import com.datastax.oss.driver.api.core.type.DataType;
import com.datastax.oss.driver.api.core.type.DataTypes;
import com.datastax.oss.driver.api.core.type.ListType;
import com.datastax.oss.driver.api.core.type.MapType;
import com.datastax.oss.driver.api.core.type.SetType;
import com.datastax.oss.driver.api.core.type.TupleType;
import com.datastax.oss.driver.api.core.type.UserDefinedType;
import com.datastax.oss.driver.api.core.type.VectorType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.unsafe.types.UTF8String;

/** Makes of the driver's values those of Spark's rows. Pure. */
@FunctionalInterface
public interface SparkValues {

  /**
   * The value of the type that {@link CqlTypes#toSpark} gives, for one that is not null.
   *
   * @throws ArithmeticException where a number has more digits than Spark's have
   */
  Object of(Object value);

  /** For a type of which {@link CqlTypes#toSpark} knows the like. */
  static SparkValues from(DataType cql) {
    if (cql instanceof ListType list) {
      return array(list.getElementType());
    }
    if (cql instanceof SetType set) {
      return array(set.getElementType());
    }
    if (cql instanceof VectorType vector) {
      SparkValues elements = array(vector.getElementType());
      return value -> elements.of(((CqlVector<?>) value).stream().toList());
    }
    if (cql instanceof MapType map) {
      SparkValues keys = array(map.getKeyType());
      SparkValues values = array(map.getValueType());
      return value ->
          new ArrayBasedMapData(
              (GenericArrayData) keys.of(((Map<?, ?>) value).keySet()),
              (GenericArrayData) values.of(((Map<?, ?>) value).values()));
    }
    if (cql instanceof TupleType tuple) {
      List<SparkValues> fields = tuple.getComponentTypes().stream().map(SparkValues::from).toList();
      return value -> row(fields, ((TupleValue) value)::getObject);
    }
    if (cql instanceof UserDefinedType type) {
      List<SparkValues> fields = type.getFieldTypes().stream().map(SparkValues::from).toList();
      return value -> row(fields, ((UdtValue) value)::getObject);
    }
    if (cql.equals(DataTypes.VARINT)) {
      return value -> decimal(new BigDecimal((BigInteger) value), 0);
    }
    if (cql.equals(DataTypes.DECIMAL)) {
      int scale = ((DecimalType) CqlTypes.toSpark(cql).orElseThrow()).scale();
      return value -> decimal((BigDecimal) value, scale);
    }
    if (cql.equals(DataTypes.DATE)) {
      return value -> (int) ((LocalDate) value).toEpochDay();
    }
    if (cql.equals(DataTypes.TIMESTAMP)) {
      return value -> ChronoUnit.MICROS.between(Instant.EPOCH, (Instant) value);
    }
    if (cql.equals(DataTypes.BLOB)) {
      return value -> bytes((ByteBuffer) value);
    }
    if (cql.equals(DataTypes.INET)) {
      return value -> UTF8String.fromString(((InetAddress) value).getHostAddress());
    }
    return CqlTypes.toSpark(cql).equals(CqlTypes.toSpark(DataTypes.TEXT))
        ? value -> UTF8String.fromString(value.toString())
        : value -> value;
  }

  private static SparkValues array(DataType elementType) {
    SparkValues element = from(elementType);
    return value -> {
      List<Object> values = new ArrayList<>();
      for (Object each : (Collection<?>) value) {
        values.add(element.of(each));
      }
      return new GenericArrayData(values.toArray());
    };
  }

  private static GenericInternalRow row(List<SparkValues> fields, IntFunction<Object> values) {
    Object[] row = new Object[fields.size()];
    for (int field = 0; field < row.length; field++) {
      Object value = values.apply(field);
      row[field] = value == null ? null : fields.get(field).of(value);
    }
    return new GenericInternalRow(row);
  }

  private static Decimal decimal(BigDecimal value, int scale) {
    BigDecimal scaled = value.setScale(scale, RoundingMode.UNNECESSARY);
    if (scaled.precision() > DecimalType.MAX_PRECISION()) {
      throw new ArithmeticException(value + " has too many digits");
    }
    return Decimal.apply(scaled, DecimalType.MAX_PRECISION(), scale);
  }

  private static byte[] bytes(ByteBuffer value) {
    byte[] bytes = new byte[value.remaining()];
    value.duplicate().get(bytes);
    return bytes;
  }
}
