package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.SinkDefinition;
import dev.millrace.config.SinkDefinition.ConsoleSink;
import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.config.SinkDefinition.KafkaSink;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SinkConnectorsTest {

  private static final String EVERYTHING =
      "id BIGINT, price DECIMAL(10,2), at TIMESTAMP, day DATE, ok BOOLEAN, note STRING";

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "orc", "csv", "json"})
  void everyTypeOfATableFitsIntoColumns(String format) {
    assertThat(objections(files(format), EVERYTHING)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "orc", "json"})
  void nestedValuesAndBytesFitIntoFormatsThatHaveThem(String format) {
    assertThat(objections(files(format), "w STRUCT<a: INT>, list ARRAY<INT>, bytes BINARY"))
        .isEmpty();
  }

  @Test
  void csvHoldsNoNestedValuesAndNoBytes() {
    assertThat(
            objections(
                files("csv"),
                "id INT, w STRUCT<a: INT>, list ARRAY<INT>, m MAP<STRING, INT>, bytes BINARY"))
        .containsExactly(
            "csv files can't hold the column 'w', a STRUCT<a: INT>. Select to_json(w) AS w instead.",
            "csv files can't hold the column 'list', a ARRAY<INT>. Select to_json(list) AS list"
                + " instead.",
            "csv files can't hold the column 'm', a MAP<STRING, INT>. Select to_json(m) AS m"
                + " instead.",
            "csv files can't hold the column 'bytes', a BINARY. Select base64(bytes) AS bytes"
                + " instead.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "orc", "csv"})
  void aColumnOfNullsAloneHasNoType(String format) {
    assertThat(objections(files(format), "id INT, nothing VOID"))
        .containsExactly(
            format
                + " files can't hold the column 'nothing', a VOID. Select CAST(nothing AS STRING) AS"
                + " nothing instead.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "orc", "csv", "json"})
  void noFormatHoldsIntervals(String format) {
    assertThat(objections(files(format), "id INT, took INTERVAL DAY TO SECOND"))
        .containsExactly(
            format
                + " files can't hold the column 'took', a INTERVAL DAY TO SECOND. Select CAST(took AS"
                + " STRING) AS took instead.");
  }

  @Test
  void textHoldsOneColumnOfText() {
    assertThat(objections(files("text"), "line STRING")).isEmpty();
    assertThat(objections(files("text"), "id INT, note STRING"))
        .containsExactly(
            "text files hold one string column, and the result has id INT, note STRING. Select one,"
                + " such as to_json(struct(*)) AS value.");
    assertThat(objections(files("text"), "id INT")).hasSize(1);
  }

  @Test
  void foldersAreNamedByPlainValuesAndLeaveAColumnForTheFiles() {
    String result = "id INT, bytes BINARY, list ARRAY<INT>, day DATE";

    assertThat(objections(new FileSink("parquet", "o", List.of("bytes", "list", "day")), result))
        .containsExactly(
            "sinks.parquet.partition-by names 'bytes', a column of BINARY, by which no folder can be"
                + " named. Select hex(bytes) under a name of its own, and use that.",
            "sinks.parquet.partition-by names 'list', a column of ARRAY<INT>, by which no folder can be"
                + " named. Select to_json(list) under a name of its own, and use that.");
    assertThat(objections(new FileSink("parquet", "o", List.of("id", "day")), "id INT, day DATE"))
        .containsExactly(
            "sinks.parquet.partition-by names every column of the result, and nothing would be left"
                + " for the files. Leave one out.");
  }

  @Test
  void csvHoldsNoSingleColumnThatMayBeNull() {
    SinkDefinition byDay = new FileSink("csv", "output", List.of("day"));

    assertThat(objections(files("csv"), "note STRING"))
        .containsExactly(
            "csv files can't hold a result of one column that may be null, 'note': a row with null is"
                + " an empty line, which readers skip. Select one more column, or coalesce(note, '')"
                + " AS note.");
    assertThat(objections(byDay, "note STRING, day DATE")).hasSize(1);
    assertThat(objections(files("csv"), "note STRING NOT NULL")).isEmpty();
    assertThat(objections(files("csv"), "note STRING, id INT")).isEmpty();
    assertThat(objections(files("json"), "note STRING")).isEmpty();
  }

  @Test
  void columnsThatBecomeFoldersAreNotInTheFiles() {
    SinkDefinition byDay = new FileSink("text", "output", List.of("day"));

    assertThat(objections(byDay, "line STRING, day DATE")).isEmpty();
    assertThat(objections(byDay, "line STRING"))
        .containsExactly(
            "sinks.text.partition-by names 'day', which the result does not have. Use one of line.");
  }

  @Test
  void namesHaveToDifferInMoreThanCase() {
    assertThat(objections(files("parquet"), "id INT, ID INT"))
        .containsExactly(
            "parquet files can't hold the column 'ID' twice; upper and lower case are the same. Name"
                + " one of the two otherwise, with AS.");
  }

  @Test
  void rawRecordsOfKafkaAreKeyAndValue() {
    SinkDefinition raw =
        new KafkaSink(
            "localhost:9092",
            "copies",
            KafkaSink.Format.RAW,
            SinkDefinition.Create.NEVER,
            Map.of());

    assertThat(objections(raw, "key STRING, value BINARY, more INT")).isEmpty();
    assertThat(objections(raw, "key INT, value STRING"))
        .containsExactly(
            "sinks.kafka.format is raw, which takes the columns key and value, strings or binary, and"
                + " the result has no such 'key' among key, value. Select it, or use format: json.");
  }

  @Test
  void theConsoleAndJsonOfKafkaTakeAnything() {
    String anything = "w STRUCT<a: INT>, nothing VOID, took INTERVAL DAY";

    assertThat(objections(new ConsoleSink(20), anything)).isEmpty();
    assertThat(objections(new KafkaSink("localhost:9092", "results", Map.of()), anything))
        .isEmpty();
  }

  private static SinkDefinition files(String format) {
    return new FileSink(format, "output", List.of());
  }

  private static List<String> objections(SinkDefinition sink, String columns) {
    return SinkConnectors.STANDARD.of(sink).objections(sink, StructType.fromDDL(columns));
  }
}
