package dev.millrace.sink.cassandra;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.to_json;

import com.datastax.oss.driver.api.core.type.DataType;
import com.datastax.oss.driver.api.core.type.DataTypes;
import dev.millrace.error.CassandraErrors;
import dev.millrace.event.ChangeColumns;
import dev.millrace.sink.StorageLimit;
import dev.millrace.sql.Columns;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;

/** Rows that a table in Cassandra can't hold. Pure. */
final class CassandraLimits {

  /** Of a partition key, and of the clustering columns together. */
  private static final int MAX_KEY_BYTES = 65_535;

  /** Before each part of a key of several parts, a length; and a byte behind it. */
  private static final int BYTES_PER_KEY_PART = 3;

  /** For what a request has next to the values of a row: names, lengths, its timestamp. */
  private static final int REQUEST_OVERHEAD = 64 * 1024;

  private static final String UUID = "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$";
  private static final String TIME_UUID =
      "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-1[0-9A-Fa-f]{3}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$";

  private CassandraLimits() {}

  /**
   * The limits of a plan's rows.
   *
   * @param types of the plan's columns in Cassandra
   * @param maxMessageBytes what the server takes in one message
   */
  static List<StorageLimit> of(CassandraPlan plan, List<DataType> types, long maxMessageBytes) {
    List<StorageLimit> limits = new ArrayList<>();
    Column op = plan.hasChanges() ? coalesce(col(ChangeColumns.OP), lit("c")) : lit("c");
    Column isOfKey = op.notEqual("t");
    Column isStored = isOfKey.and(op.notEqual("d"));
    for (String name : plan.primaryKey()) {
      limits.add(
          new StorageLimit(
              isOfKey.and(Columns.named(name).isNull()), name, CassandraErrors.nullInKey(name)));
    }
    List<String> partitionKey = plan.columns().subList(0, plan.partitionKey());
    if (partitionKey.size() == 1 && isText(plan, partitionKey.get(0))) {
      String name = partitionKey.get(0);
      limits.add(
          new StorageLimit(
              isOfKey.and(octet_length(Columns.named(name)).equalTo(0)),
              name,
              CassandraErrors.emptyKey(name)));
    }
    addKeyBytes(plan, partitionKey, isOfKey, limits);
    addKeyBytes(plan, plan.columns().subList(plan.partitionKey(), plan.key()), isOfKey, limits);
    for (int i = 0; i < types.size(); i++) {
      addType(
          plan, plan.columns().get(i), types.get(i), i < plan.key() ? isOfKey : isStored, limits);
    }
    limits.add(
        new StorageLimit(
            isStored.and(bytes(plan, plan.columns()).gt(maxMessageBytes - REQUEST_OVERHEAD)),
            null,
            CassandraErrors.rowTooLarge(maxMessageBytes)));
    return limits;
  }

  private static void addKeyBytes(
      CassandraPlan plan, List<String> columns, Column isOfKey, List<StorageLimit> limits) {
    if (columns.stream().noneMatch(column -> isText(plan, column))) {
      return;
    }
    int framing = columns.size() == 1 ? 0 : columns.size() * BYTES_PER_KEY_PART;
    limits.add(
        new StorageLimit(
            isOfKey.and(bytes(plan, columns).gt(MAX_KEY_BYTES - framing)),
            columns.size() == 1 ? columns.get(0) : null,
            CassandraErrors.keyTooLong(columns, MAX_KEY_BYTES)));
  }

  private static void addType(
      CassandraPlan plan, String name, DataType cql, Column isStored, List<StorageLimit> limits) {
    Column value = Columns.named(name);
    org.apache.spark.sql.types.DataType type = type(plan, name);
    Column isUnstorable = null;
    if (type instanceof StringType && cql.equals(DataTypes.ASCII)) {
      isUnstorable = functions.not(value.rlike("^\\p{ASCII}*$"));
    } else if (type instanceof StringType && cql.equals(DataTypes.UUID)) {
      isUnstorable = functions.not(value.rlike(UUID));
    } else if (type instanceof StringType && cql.equals(DataTypes.TIMEUUID)) {
      isUnstorable = functions.not(value.rlike(TIME_UUID));
    } else if (type instanceof ArrayType) {
      isUnstorable = functions.exists(value, Column::isNull);
    } else if (type instanceof MapType) {
      isUnstorable = functions.exists(functions.map_values(value), Column::isNull);
    }
    if (isUnstorable != null) {
      limits.add(
          new StorageLimit(
              isStored.and(isUnstorable),
              name,
              CassandraErrors.notOfType(name, cql.asCql(true, true))));
    }
  }

  /** Bytes of the columns that have no fixed size. */
  private static Column bytes(CassandraPlan plan, List<String> columns) {
    Column sum = lit(0L);
    for (String name : columns) {
      org.apache.spark.sql.types.DataType type = type(plan, name);
      if (isText(plan, name)) {
        sum = sum.plus(coalesce(octet_length(Columns.named(name)), lit(0)));
      } else if (type instanceof ArrayType || type instanceof MapType) {
        sum = sum.plus(coalesce(octet_length(to_json(Columns.named(name))), lit(0)));
      }
    }
    return sum;
  }

  private static boolean isText(CassandraPlan plan, String name) {
    return type(plan, name) instanceof StringType || type(plan, name) instanceof BinaryType;
  }

  private static org.apache.spark.sql.types.DataType type(CassandraPlan plan, String name) {
    return plan.schema().fields()[plan.ordinal(name)].dataType();
  }
}
