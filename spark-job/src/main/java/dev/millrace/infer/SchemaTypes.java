package dev.millrace.infer;

import com.fasterxml.jackson.databind.JsonNode;
import io.debezium.data.Bits;
import io.debezium.data.Json;
import io.debezium.data.VariableScaleDecimal;
import io.debezium.time.Date;
import io.debezium.time.IsoDate;
import io.debezium.time.IsoTimestamp;
import io.debezium.time.MicroTimestamp;
import io.debezium.time.NanoTimestamp;
import io.debezium.time.Timestamp;
import io.debezium.time.ZonedTimestamp;

/**
 * The type of a field by its schema: first by the semantic name that Debezium or Kafka Connect
 * gives it, then by Connect's own type. Pure.
 *
 * <p>A schema is what the JSON converter writes: {@code
 * {"type":"int64","name":"io.debezium.time.MicroTimestamp","field":"created_at"}}.
 */
final class SchemaTypes {

  // Kafka Connect's own logical types; their classes are no dependency of the job.
  private static final String CONNECT_DECIMAL = "org.apache.kafka.connect.data.Decimal";
  private static final String CONNECT_DATE = "org.apache.kafka.connect.data.Date";
  private static final String CONNECT_TIMESTAMP = "org.apache.kafka.connect.data.Timestamp";

  private static final int WIDEST = 38;

  private SchemaTypes() {}

  /** The type that a field of this schema has. */
  static ProposedType of(JsonNode schema) {
    return switch (schema.path("name").asText("")) {
      case Date.SCHEMA_NAME, CONNECT_DATE -> ProposedType.date("days");
      case IsoDate.SCHEMA_NAME -> ProposedType.date("iso");
      case Timestamp.SCHEMA_NAME, CONNECT_TIMESTAMP -> ProposedType.timestamp("millis");
      case MicroTimestamp.SCHEMA_NAME -> ProposedType.timestamp("micros");
      case NanoTimestamp.SCHEMA_NAME -> ProposedType.timestamp("nanos");
      case ZonedTimestamp.SCHEMA_NAME, IsoTimestamp.SCHEMA_NAME -> ProposedType.timestamp("iso");
      case CONNECT_DECIMAL -> decimal(schema.path("parameters"));
      case VariableScaleDecimal.LOGICAL_NAME, Json.LOGICAL_NAME -> ProposedType.STRING;
      case Bits.LOGICAL_NAME -> ProposedType.BINARY;
      default -> plain(schema.path("type").asText(""));
    };
  }

  private static ProposedType plain(String type) {
    return switch (type) {
      case "boolean" -> ProposedType.BOOLEAN;
      case "int8", "int16" -> ProposedType.of("smallint");
      case "int32" -> ProposedType.of("int");
      case "int64" -> ProposedType.BIGINT;
      case "float" -> ProposedType.of("float");
      case "double" -> ProposedType.DOUBLE;
      case "bytes" -> ProposedType.BINARY;
      default -> ProposedType.STRING;
    };
  }

  /** A decimal without a precision may have any: the widest then. */
  private static ProposedType decimal(JsonNode parameters) {
    int scale = parameters.path("scale").asInt(0);
    int precision = parameters.path("connect.decimal.precision").asInt(WIDEST);
    return precision < 1 || precision > WIDEST || scale < 0 || scale > precision
        ? ProposedType.STRING
        : ProposedType.decimal(precision, scale);
  }
}
