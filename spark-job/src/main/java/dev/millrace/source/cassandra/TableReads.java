package dev.millrace.source.cassandra;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.spark.sql.connector.read.streaming.Offset;

/** A position in a table that is read as a whole: how often it was, and in how many parts last. */
final class TableReads extends Offset {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String COUNT = "reads";
  private static final String SPLITS = "splits";

  private final long count;
  private final int splits;

  TableReads(long count, int splits) {
    this.count = count;
    this.splits = splits;
  }

  static TableReads parse(String json) {
    try {
      JsonNode offset = JSON.readTree(json);
      return new TableReads(offset.required(COUNT).asLong(), offset.required(SPLITS).asInt());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no position in a table: " + json, e);
    }
  }

  long count() {
    return count;
  }

  int splits() {
    return splits;
  }

  @Override
  public String json() {
    return "{\"%s\":%d,\"%s\":%d}".formatted(COUNT, count, SPLITS, splits);
  }
}
