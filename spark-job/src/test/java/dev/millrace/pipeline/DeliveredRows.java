package dev.millrace.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import dev.millrace.stack.LocalStack;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What an output delivered, each value as text, regardless of the sink; structs flattened. */
final class DeliveredRows {

  private DeliveredRows() {}

  /** The rows of a topic, as a {@code read_committed} reader sees them. */
  static List<Map<String, String>> fromKafka(LocalStack stack, String topic) {
    return ChangeTopic.read(stack, topic).stream().map(message -> flat(message.value())).toList();
  }

  /** A table's rows, each value as Postgres writes it. */
  static List<Map<String, String>> fromPostgres(RideViews.Database database, String table) {
    List<Map<String, String>> rows = new ArrayList<>();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("SELECT * FROM " + table)) {
      while (found.next()) {
        Map<String, String> row = new HashMap<>();
        for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
          row.put(found.getMetaData().getColumnName(i), found.getString(i));
        }
        rows.add(row);
      }
      return rows;
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, String> flat(JsonNode row) {
    Map<String, String> columns = new HashMap<>();
    row.fields()
        .forEachRemaining(
            field -> {
              if (field.getValue().isObject()) {
                columns.putAll(flat(field.getValue()));
              } else {
                columns.put(
                    field.getKey(), field.getValue().isNull() ? null : field.getValue().asText());
              }
            });
    columns.computeIfPresent("start", (name, text) -> Instant.parse(text).toString());
    return columns;
  }

  /** The rows of a folder of batches, in the order of the batches. */
  static List<Map<String, String>> fromParquet(Path output) {
    try {
      boolean isWindow = output.endsWith("changes-per-minute");
      return ParquetFiles.query(
              output,
              isWindow
                  ? "SELECT w.start AS start, * FROM rows ORDER BY batch"
                  : "SELECT * FROM rows ORDER BY batch")
          .stream()
          .map(DeliveredRows::asText)
          .toList();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, String> asText(Map<String, Object> row) {
    Map<String, String> columns = new HashMap<>();
    row.forEach(
        (name, value) ->
            columns.put(
                name,
                value instanceof OffsetDateTime time
                    ? text(name, time.withOffsetSameInstant(ZoneOffset.UTC))
                    : Objects.toString(value, null)));
    return columns;
  }

  private static String text(String name, OffsetDateTime time) {
    return name.equals("start")
        ? time.toInstant().toString()
        : time.format(
            java.time.format.DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX"));
  }
}
