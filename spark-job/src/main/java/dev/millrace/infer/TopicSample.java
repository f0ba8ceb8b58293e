package dev.millrace.infer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.millrace.decode.MessageForm;
import dev.millrace.event.MessageColumns;
import dev.millrace.event.SampledMessage;
import io.debezium.data.Envelope.FieldName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.types.StructField;

/**
 * Messages of a topic, taken apart: the fields of their rows, with the values and schemas that they
 * have. Changes in both of Debezium's shapes, each with and without a schema, told apart per
 * message as the decoder does; or JSON objects that are the rows themselves, of which the messages'
 * keys may tell a part:
 *
 * <pre>
 *   {"id":1}   {"fare":20}   the fields id and fare
 *   1          {"fare":20}   the same, if the table's key is the field id
 * </pre>
 */
public final class TopicSample {

  /** What the transform ExtractNewRecordState adds to a row, by its default prefix. */
  private static final String ADDED = "__";

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private final MessageForm form;
  private final List<String> tableKey;
  private final List<SampledMessage> messages;
  private final Map<String, SampledField> fields = new LinkedHashMap<>();
  private final Map<String, SampledField> keyFields = new LinkedHashMap<>();
  private int withSchema;
  private int rows;
  private int tombstones;
  private int unreadable;

  private TopicSample(MessageForm form, List<String> tableKey, List<SampledMessage> messages) {
    this.form = form;
    this.tableKey = List.copyOf(tableKey);
    this.messages = List.copyOf(messages);
  }

  /**
   * Takes Debezium's messages apart.
   *
   * @param messages the oldest first
   */
  public static TopicSample of(List<SampledMessage> messages) {
    return of(MessageForm.DEBEZIUM, messages);
  }

  /**
   * Takes messages apart.
   *
   * @param messages the oldest first
   */
  public static TopicSample of(MessageForm form, List<SampledMessage> messages) {
    return of(form, List.of(), messages);
  }

  /**
   * Takes messages apart.
   *
   * @param tableKey the fields of the table's key; empty if they are not known
   * @param messages the oldest first
   */
  public static TopicSample of(
      MessageForm form, List<String> tableKey, List<SampledMessage> messages) {
    TopicSample sample = new TopicSample(form, tableKey, messages);
    sample.messages.forEach(sample::add);
    return sample;
  }

  /** What was read, a clause: {@code 57 messages (with schemas; 2 tombstones)}. */
  public String description() {
    List<String> parts = new ArrayList<>();
    parts.add(
        withSchema == 0
            ? "without schemas"
            : withSchema == rows ? "with schemas" : withSchema + " of them with schemas");
    addCount(parts, tombstones, "tombstone");
    addCount(parts, unreadable, "unreadable one");
    return messages.size()
        + (messages.size() == 1 ? " message (" : " messages (")
        + String.join(", ", parts)
        + ")";
  }

  /** How many messages there are, tombstones and all. */
  public int size() {
    return messages.size();
  }

  /** Whether there is a row to learn from. */
  public boolean hasRows() {
    return rows > 0;
  }

  /** Whether a message states the types of its row's fields. */
  public boolean hasSchema() {
    return withSchema > 0;
  }

  /** What its messages are. */
  public MessageForm form() {
    return form;
  }

  /** The columns that every row has in addition to the table's. */
  List<StructField> ownColumns() {
    return form == MessageForm.DEBEZIUM ? ColumnNames.OF_CHANGES : MessageColumns.POSITION;
  }

  List<SampledMessage> messages() {
    return messages;
  }

  /** The fields of the table's rows, in the order in which they came up. */
  List<SampledField> fields() {
    return List.copyOf(fields.values());
  }

  /** Whether any row has the field. */
  boolean hasField(String name) {
    return fields.containsKey(name);
  }

  /** A field that some row has. */
  SampledField field(String name) {
    return fields.get(name);
  }

  /** The names of the fields of the messages' keys. */
  List<String> keyFields() {
    return List.copyOf(keyFields.keySet());
  }

  private static void addCount(List<String> parts, int count, String what) {
    if (count > 0) {
      parts.add(count + " " + what + (count == 1 ? "" : "s"));
    }
  }

  private void add(SampledMessage message) {
    if (message.value() == null) {
      tombstones++;
      return;
    }
    try {
      if (form.isKeyed()) {
        addKeyOfRow(message.key());
      } else {
        addKey(message.key());
      }
      addRow(JSON.readTree(message.value()));
    } catch (IOException e) {
      unreadable++;
    }
  }

  private void addKey(byte[] key) throws IOException {
    if (key == null || key.length == 0) {
      return;
    }
    JsonNode root;
    try {
      root = JSON.readTree(key);
    } catch (JsonProcessingException e) {
      // Of no key but one in JSON there is anything to learn; the row may still be good.
      return;
    }
    JsonNode schema = schema(root);
    addFields(keyFields, payload(root), schema.isMissingNode() ? schema : schema.path("fields"));
  }

  /**
   * The columns of the table's key are what the message's key tells, not what the value repeats.
   */
  private void addKeyOfRow(byte[] key) throws IOException {
    if (key == null) {
      return;
    }
    JsonNode value;
    try {
      value =
          form == MessageForm.ROW_BY_TEXT_KEY
              ? TextNode.valueOf(new String(key, StandardCharsets.UTF_8))
              : payload(JSON.readTree(key));
    } catch (JsonProcessingException e) {
      // The decoder tells what is wrong with such a key.
      return;
    }
    if (value.isObject()) {
      value
          .fields()
          .forEachRemaining(
              field -> {
                if (tableKey.isEmpty() || tableKey.contains(field.getKey())) {
                  addKeyField(field.getKey(), field.getValue());
                }
              });
    } else if (tableKey.size() == 1) {
      addKeyField(tableKey.get(0), value);
    }
  }

  private void addKeyField(String name, JsonNode value) {
    keyFields.computeIfAbsent(name, SampledField::new);
    fields.computeIfAbsent(name, SampledField::new).addValue(value);
  }

  private void addRow(JsonNode root) {
    if (form != MessageForm.DEBEZIUM) {
      addPlainRow(root);
      return;
    }
    JsonNode schema = schema(root);
    JsonNode payload = payload(root);
    if (payload.isNull()) {
      tombstones++;
      return;
    }
    JsonNode row = payload;
    JsonNode rowFields = schema.path("fields");
    if (!payload.has(ADDED + FieldName.OPERATION)) {
      if (!isEnvelope(payload)) {
        unreadable++;
        return;
      }
      JsonNode after = payload.path(FieldName.AFTER);
      row = after.isObject() ? after : payload.path(FieldName.BEFORE);
      rowFields = field(rowFields, FieldName.AFTER).path("fields");
      if (!row.isObject() && rowFields.isMissingNode()) {
        // A truncate, or a delete whose old row was not sent, tells of no field.
        return;
      }
    }
    rows++;
    withSchema += rowFields.isArray() ? 1 : 0;
    addFields(fields, row, rowFields);
  }

  private void addPlainRow(JsonNode row) {
    if (!row.isObject()) {
      unreadable++;
      return;
    }
    rows++;
    row.fields()
        .forEachRemaining(
            field -> {
              if (!form.isKeyed() || !keyFields.containsKey(field.getKey())) {
                fields
                    .computeIfAbsent(field.getKey(), SampledField::new)
                    .addValue(field.getValue());
              }
            });
  }

  private static boolean isEnvelope(JsonNode payload) {
    return payload.has(FieldName.OPERATION)
        && (payload.has(FieldName.AFTER) || payload.has(FieldName.BEFORE));
  }

  /** Where there is a schema it alone states which fields there are. */
  private static void addFields(Map<String, SampledField> fields, JsonNode row, JsonNode schemas) {
    if (schemas.isArray()) {
      for (JsonNode schema : schemas) {
        String name = schema.path("field").asText();
        if (!name.startsWith(ADDED)) {
          fields.computeIfAbsent(name, SampledField::new).addSchema(schema);
        }
      }
    }
    row.fields()
        .forEachRemaining(
            field -> {
              if (!field.getKey().startsWith(ADDED)) {
                fields
                    .computeIfAbsent(field.getKey(), SampledField::new)
                    .addValue(field.getValue());
              }
            });
  }

  private static JsonNode field(JsonNode fields, String name) {
    for (JsonNode field : fields) {
      if (field.path("field").asText().equals(name)) {
        return field;
      }
    }
    return MissingNode.getInstance();
  }

  private static boolean isWrapped(JsonNode root) {
    return root.size() == 2 && root.has("schema") && root.has("payload");
  }

  private static JsonNode schema(JsonNode root) {
    return isWrapped(root) ? root.path("schema") : MissingNode.getInstance();
  }

  private static JsonNode payload(JsonNode root) {
    return isWrapped(root) ? root.path("payload") : root;
  }
}
