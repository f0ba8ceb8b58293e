package dev.millrace.infer;

import com.fasterxml.jackson.databind.JsonNode;
import io.debezium.data.Bits;
import io.debezium.data.Json;
import io.debezium.data.Uuid;
import io.debezium.data.VariableScaleDecimal;
import io.debezium.data.geometry.Geography;
import io.debezium.data.geometry.Geometry;
import io.debezium.data.geometry.Point;
import io.debezium.time.Date;
import io.debezium.time.Interval;
import io.debezium.time.IsoDate;
import io.debezium.time.IsoTime;
import io.debezium.time.IsoTimestamp;
import io.debezium.time.MicroDuration;
import io.debezium.time.MicroTime;
import io.debezium.time.MicroTimestamp;
import io.debezium.time.NanoTime;
import io.debezium.time.NanoTimestamp;
import io.debezium.time.Time;
import io.debezium.time.Timestamp;
import io.debezium.time.ZonedTime;
import io.debezium.time.ZonedTimestamp;
import java.util.List;

/**
 * The type of a field by its schema: first by the semantic name that Debezium or Kafka Connect
 * gives it, then by Connect's own type. Pure.
 *
 * <p>A schema is what the JSON converter writes: {@code
 * {"type":"int64","name":"io.debezium.time.MicroTimestamp","field":"created_at"}}.
 */
final class SchemaTypes {

  // Kafka Connect's own logical types; their classes are not a dependency of the job.
  private static final String CONNECT_DECIMAL = "org.apache.kafka.connect.data.Decimal";
  private static final String CONNECT_DATE = "org.apache.kafka.connect.data.Date";
  private static final String CONNECT_TIME = "org.apache.kafka.connect.data.Time";
  private static final String CONNECT_TIMESTAMP = "org.apache.kafka.connect.data.Timestamp";

  private static final int WIDEST = 38;

  private SchemaTypes() {}

  /** The type that a field of this schema has. */
  static ProposedType of(JsonNode schema) {
    return switch (name(schema)) {
      case Date.SCHEMA_NAME, CONNECT_DATE -> ProposedType.date("days");
      case IsoDate.SCHEMA_NAME -> ProposedType.date("iso");
      case Time.SCHEMA_NAME, CONNECT_TIME -> ProposedType.time("millis");
      case MicroTime.SCHEMA_NAME -> ProposedType.time("micros");
      case NanoTime.SCHEMA_NAME -> ProposedType.time("nanos");
      case IsoTime.SCHEMA_NAME -> ProposedType.time("iso");
      case ZonedTime.SCHEMA_NAME -> ProposedType.TIMETZ;
      case Timestamp.SCHEMA_NAME, CONNECT_TIMESTAMP -> ProposedType.timestamp("millis");
      case MicroTimestamp.SCHEMA_NAME -> ProposedType.timestamp("micros");
      case NanoTimestamp.SCHEMA_NAME -> ProposedType.timestamp("nanos");
      case ZonedTimestamp.SCHEMA_NAME, IsoTimestamp.SCHEMA_NAME -> ProposedType.timestamp("iso");
      case MicroDuration.SCHEMA_NAME, Interval.SCHEMA_NAME -> ProposedType.INTERVAL;
      case CONNECT_DECIMAL -> decimal(schema.path("parameters"));
      case VariableScaleDecimal.LOGICAL_NAME -> Decimals.OF_ANY_SCALE;
      case Uuid.LOGICAL_NAME -> ProposedType.UUID;
      case Json.LOGICAL_NAME -> ProposedType.JSON;
      case Bits.LOGICAL_NAME -> ProposedType.BINARY;
      case Geometry.LOGICAL_NAME, Geography.LOGICAL_NAME, Point.LOGICAL_NAME ->
          ProposedType.GEOMETRY;
      default -> plain(schema);
    };
  }

  /** What a person should look at of the type that {@link #of} gives. */
  static List<String> doubts(JsonNode schema) {
    return name(schema).equals(VariableScaleDecimal.LOGICAL_NAME)
        ? List.of(Decimals.doubt(Decimals.OF_ANY_SCALE))
        : List.of();
  }

  private static String name(JsonNode schema) {
    return schema.path("name").asText("");
  }

  private static ProposedType plain(JsonNode schema) {
    return switch (schema.path("type").asText("")) {
      case "boolean" -> ProposedType.BOOLEAN;
      case "int8", "int16" -> ProposedType.of("smallint");
      case "int32" -> ProposedType.of("int");
      case "int64" -> ProposedType.BIGINT;
      case "float" -> ProposedType.of("float");
      case "double" -> ProposedType.DOUBLE;
      case "bytes" -> ProposedType.BINARY;
      case "array" -> array(of(schema.path("items")));
      case "map" -> isText(schema.path("keys")) ? map(schema.path("values")) : ProposedType.STRING;
      default -> ProposedType.STRING;
    };
  }

  private static ProposedType array(ProposedType element) {
    return element.isArray() ? ProposedType.STRING : ProposedType.arrayOf(element);
  }

  private static ProposedType map(JsonNode values) {
    return isText(values) ? ProposedType.MAP : ProposedType.STRING;
  }

  private static boolean isText(JsonNode schema) {
    return schema.path("type").asText("").equals("string");
  }

  /** A decimal without a precision may have any: the widest then. */
  private static ProposedType decimal(JsonNode parameters) {
    int scale = parameters.path("scale").asInt(0);
    int precision = parameters.path("connect.decimal.precision").asInt(WIDEST);
    return precision < 1 || precision > WIDEST || scale < 0 || scale > precision
        ? ProposedType.STRING
        : ProposedType.decimal(precision, scale).inBase64();
  }
}
