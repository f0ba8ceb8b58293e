package dev.millrace.pipeline.postgres;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.millrace.view.plan.LookupRows;
import java.sql.Timestamp;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/** The rows of a lookup as SQL of Postgres, which does not have them. Pure. */
public final class PostgresLookup {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private PostgresLookup() {}

  /**
   * A query whose result is the rows: one literal, from whose texts Postgres reads the values.
   * Columns of arrays, maps and structs are left out.
   */
  static String select(LookupRows lookup) {
    List<StructField> fields =
        Arrays.stream(lookup.columns().fields())
            .filter(field -> !isNested(field.dataType()))
            .toList();
    ArrayNode rows = JSON.createArrayNode();
    for (Row row : lookup.rows()) {
      ObjectNode columns = rows.addObject();
      fields.forEach(field -> columns.put(field.name(), text(row.getAs(field.name()))));
    }
    String types =
        fields.stream()
            .map(field -> PostgresText.quoted(field.name()) + " " + type(field.dataType()))
            .collect(Collectors.joining(", "));
    return "SELECT * FROM json_to_recordset(%s) AS rows (%s)"
        .formatted(PostgresText.text(rows.toString()), types);
  }

  private static boolean isNested(DataType type) {
    return type instanceof ArrayType || type instanceof MapType || type instanceof StructType;
  }

  private static String text(Object value) {
    if (value == null) {
      return null;
    }
    if (value instanceof byte[] bytes) {
      return "\\x" + HexFormat.of().formatHex(bytes);
    }
    if (value instanceof Timestamp time) {
      return time.toInstant().toString();
    }
    // Numbers, dates, texts, and intervals as ISO 8601 has them.
    return value.toString();
  }

  private static String type(DataType type) {
    if (type instanceof StringType) {
      return "text";
    }
    if (type instanceof BinaryType) {
      return "bytea";
    }
    if (type instanceof ByteType) {
      return "smallint";
    }
    if (type instanceof FloatType) {
      return "real";
    }
    if (type instanceof DoubleType) {
      return "double precision";
    }
    if (type instanceof TimestampType) {
      return "timestamptz";
    }
    if (type instanceof DayTimeIntervalType) {
      return "interval";
    }
    // boolean, smallint, int, bigint, decimal(p,s) and date are spelled alike.
    return type.sql().toLowerCase(Locale.ROOT);
  }
}
