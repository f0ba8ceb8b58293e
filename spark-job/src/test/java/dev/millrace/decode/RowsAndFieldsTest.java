package dev.millrace.decode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.apache.spark.sql.types.DataTypes.LongType;
import static org.apache.spark.sql.types.DataTypes.StringType;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ReplicaIdentity;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.MissingField;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TextEncoding;
import dev.millrace.error.data.DataError;
import dev.millrace.error.data.DataError.Code;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a row states in addition to its values: old rows, keys, unchanged, missing and unknown
 * fields.
 */
class RowsAndFieldsTest {

  private static final String PLACEHOLDER = "\"__debezium_unavailable_value\"";

  private static TableDefinition table(MissingField missing, boolean hasBefore) {
    List<ColumnDefinition> columns =
        List.of(
            Tables.column("id", LongType),
            Tables.column("name", StringType),
            Tables.column("note", StringType));
    return new TableDefinition(
        List.of("id"),
        TextEncoding.NONE,
        Set.of(),
        OnError.REJECT,
        missing,
        TableDefinition.UNAVAILABLE_VALUE,
        hasBefore,
        ReplicaIdentity.FULL,
        columns);
  }

  private final Decoding plain = Decoding.of(table(MissingField.NULL, false));
  private final Decoding withBefore = Decoding.of(table(MissingField.NULL, true));
  private final Decoding strict = Decoding.of(table(MissingField.REJECT, true));

  // ------------------------------------------------------------------ unchanged

  @Test
  void namesEveryColumnThatWasNotSent() {
    String row = "{\"id\":7,\"name\":" + PLACEHOLDER + ",\"note\":" + PLACEHOLDER;

    Row unwrapped = plain.change(row + ",\"__op\":\"u\"}");
    assertThat(unwrapped)
        .isEqualTo(
            RowFactory.create(7L, null, null, "u", null, null, null, null, unchanged(unwrapped)));
    assertThat(names(unwrapped)).containsExactly("name", "note");
    Row envelope = plain.change("{\"before\":null,\"after\":" + row + "},\"op\":\"u\"}");
    assertThat(names(envelope)).containsExactly("name", "note");
    Row next =
        plain.change("{\"id\":7,\"name\":\"a\",\"note\":" + PLACEHOLDER + ",\"__op\":\"u\"}");
    assertThat(names(next)).containsExactly("note");
    assertThat(next.<String>getAs("name")).isEqualTo("a");
    Row sent = plain.change("{\"id\":7,\"name\":\"a\",\"note\":null,\"__op\":\"u\"}");
    assertThat(sent.<Object>getAs("unchanged")).isNull();
  }

  @Test
  void namesAColumnThatTheMessageDoesNotHaveAtAll() {
    // A generated column is in the snapshot and in no streamed message; a dropped one is in none.
    for (String operation : List.of("c", "u", "r")) {
      Row unwrapped = plain.change("{\"id\":7,\"name\":null,\"__op\":\"" + operation + "\"}");
      assertThat(names(unwrapped)).containsExactly("note");
      Row envelope =
          withBefore.change(
              "{\"before\":{\"id\":7},\"after\":{\"id\":7,\"note\":\"n\"},\"op\":\""
                  + operation
                  + "\"}");
      assertThat(names(envelope)).containsExactly("name");
    }
    assertThat(plain.change("{\"id\":7,\"name\":\"a\",\"__op\":\"d\"}").<Object>getAs("unchanged"))
        .isNull();
  }

  @Test
  void tellsPlaceholdersFromFieldsThatTheMessageDoesNotHave() {
    Decoding decoding = Decoding.withPlaceholders(table(MissingField.NULL, true));
    for (String operation : List.of("c", "u")) {
      String end = "\"op\":\"" + operation + "\"}";
      Row unwrapped =
          decoding.change("{\"id\":7,\"name\":" + PLACEHOLDER + ",\"__" + end.substring(1));
      assertThat(names(unwrapped)).containsExactly("name", "note");
      assertThat(unwrapped.<Object>getList(unwrapped.fieldIndex("__placeholders")))
          .isEqualTo(List.of("name"));
      Row envelope =
          decoding.change(
              "{\"before\":{\"id\":7,\"note\":"
                  + PLACEHOLDER
                  + "},\"after\":{\"id\":7,\"name\":"
                  + PLACEHOLDER
                  + "},"
                  + end);
      assertThat(envelope.<Object>getList(envelope.fieldIndex("__placeholders")))
          .isEqualTo(List.of("name"));
      Row lacking = decoding.change("{\"id\":7,\"name\":\"a\",\"__" + end.substring(1));
      assertThat(lacking.<Object>getAs("__placeholders")).isNull();
    }
    Row deleted = decoding.change("{\"id\":7,\"name\":" + PLACEHOLDER + ",\"__op\":\"d\"}");
    assertThat(deleted.<Object>getAs("__placeholders")).isNull();
  }

  // ------------------------------------------------------------------ deletes

  /** What a connector sends of a deleted row whose table has the default replica identity. */
  private static final String INVENTED = "{\"id\":7,\"name\":\"\",\"note\":\"invented\"";

  @ParameterizedTest
  @ValueSource(strings = {"default", "nothing", "index rides_id_key"})
  void readsOfADeleteItsKeyAlone(String identity) {
    TableDefinition table = table(MissingField.REJECT, true).with(ReplicaIdentity.parse(identity));
    Decoding keyOnly = Decoding.of(table);

    Row unwrapped = keyOnly.change(INVENTED + ",\"__op\":\"d\",\"__deleted\":\"true\"}");
    assertThat(unwrapped)
        .isEqualTo(RowFactory.create(7L, null, null, "d", null, null, null, null, null, null));
    Row envelope = keyOnly.change("{\"before\":" + INVENTED + "},\"after\":null,\"op\":\"d\"}");
    assertThat(envelope)
        .isEqualTo(
            RowFactory.create(
                7L,
                null,
                null,
                "d",
                null,
                null,
                null,
                null,
                null,
                RowFactory.create(7L, null, null)));
    assertThat(keyOnly.change(bytes("{\"id\":7}"), bytes("{\"after\":null,\"op\":\"d\"}")))
        .isEqualTo(unwrapped);
  }

  @Test
  void takesNothingFromAnOldRowThatIsNotWhole() {
    Decoding keyOnly =
        Decoding.of(table(MissingField.NULL, true).with(ReplicaIdentity.ofIndex("rides_id_key")));

    // Null in it does not mean that the column was null.
    Row update =
        keyOnly.change(
            "{\"before\":{\"id\":7,\"name\":null,\"note\":null},"
                + "\"after\":{\"id\":8,\"name\":null,\"note\":null},\"op\":\"u\"}");

    assertThat(update.<Long>getAs("id")).isEqualTo(8L);
    assertThat(update.<Object>getAs("before")).isNull();
  }

  @Test
  void readsOfADeleteWhatTheMessagesKeyTellsWhereTheTableDeclaresNoKey() {
    TableDefinition table =
        new TableDefinition(
            List.of(),
            TextEncoding.NONE,
            Set.of(),
            OnError.REJECT,
            List.of(Tables.column("id", LongType), Tables.column("name", StringType)));
    Decoding keyless = Decoding.of(table);

    Row delete = keyless.change(bytes("{\"id\":7}"), bytes(INVENTED + ",\"__op\":\"d\"}"));

    assertThat(delete).isEqualTo(RowFactory.create(7L, null, "d", null, null, null, null, null));
    assertThat(keyless.reject(INVENTED + ",\"__op\":\"d\"}").message())
        .isEqualTo(
            "Cannot tell which row was deleted: the message has no key with a column of the table,"
                + " and no old row that Postgres sent whole. Run ALTER TABLE ... REPLICA IDENTITY"
                + " FULL and set table.replica-identity: full, or give the table a primary key.");
    Row whole = Decoding.of(table.with(ReplicaIdentity.FULL)).change(INVENTED + ",\"__op\":\"d\"}");
    assertThat(whole.<String>getAs("name")).isEmpty();
  }

  @Test
  void rejectsAKeyThatWasNotSent() {
    DataError error = plain.reject("{\"id\":" + PLACEHOLDER + ",\"__op\":\"u\"}");

    assertThat(error.code()).isEqualTo(Code.UNAVAILABLE_VALUE);
    assertThat(error.column()).isEqualTo("id");
  }

  private static Object unchanged(Row row) {
    return row.getAs("unchanged");
  }

  private static List<String> names(Row row) {
    return row.getList(row.fieldIndex("unchanged"));
  }

  // ------------------------------------------------------------------ before

  @Test
  void typesTheOldRowOfAnEnvelope() {
    String after = "\"after\":{\"id\":8,\"name\":\"new\",\"note\":null}";

    Row update =
        withBefore.change(
            "{\"before\":{\"id\":7,\"name\":\"old\",\"note\":\"n\"}," + after + ",\"op\":\"u\"}");
    assertThat(update.<Long>getAs("id")).isEqualTo(8L);
    assertThat(update.<Row>getAs("before")).isEqualTo(RowFactory.create(7L, "old", "n"));
    Row delete =
        withBefore.change("{\"before\":{\"id\":7,\"name\":\"old\"},\"after\":null,\"op\":\"d\"}");
    assertThat(delete.<Long>getAs("id")).isEqualTo(7L);
    assertThat(delete.<Row>getAs("before")).isEqualTo(RowFactory.create(7L, "old", null));
    for (String without :
        List.of(
            "{\"before\":null," + after + ",\"op\":\"u\"}",
            "{\"before\":null," + after + ",\"op\":\"c\"}",
            "{\"before\":null,\"after\":null,\"op\":\"t\"}",
            "{\"id\":8,\"__op\":\"u\"}")) {
      assertThat(withBefore.change(without).<Object>getAs("before")).isNull();
    }
  }

  @Test
  void leavesAnOldValueNullThatWasNotSent() {
    Row update =
        withBefore.change(
            "{\"before\":{\"id\":7,\"name\":"
                + PLACEHOLDER
                + "},\"after\":{\"id\":7,\"name\":\"a\",\"note\":"
                + PLACEHOLDER
                + "},\"op\":\"u\"}");

    assertThat(update.<Row>getAs("before")).isEqualTo(RowFactory.create(7L, null, null));
    assertThat(names(update)).containsExactly("note");
  }

  @Test
  void rejectsForAnOldRowWhateverTheQueryNeeds() {
    String message = "{\"before\":{\"id\":\"x\"},\"after\":{\"id\":7},\"op\":\"u\"}";

    assertThat(withBefore.reject(message).column()).isEqualTo("id");
    MessageReader reader =
        MessageReader.of(new MessageDecoder(table(MissingField.NULL, true), Set.of("name")));
    assertThat(reader.read(null, message.getBytes(UTF_8)).getUTF8String(0))
        .hasToString(Outcome.REJECTED);
    // A table without the column has no reason to look.
    assertThat(plain.change(message).<Long>getAs("id")).isEqualTo(7L);
  }

  // ------------------------------------------------------------------ missing fields

  @Test
  void rejectsARowWithoutADeclaredFieldWhereTheTableSaysSo() {
    assertThat(strict.reject("{\"id\":7,\"note\":null,\"__op\":\"c\"}"))
        .isEqualTo(
            new DataError(
                Code.MISSING_FIELD,
                "name",
                "Cannot read column name: the row has no field \"name\". Remove the column from the"
                    + " pipeline if it was dropped or renamed in Postgres, or set"
                    + " table.missing-field=null."));
    assertThat(strict.reject("{\"after\":{\"id\":7,\"name\":\"a\"},\"op\":\"c\"}").column())
        .isEqualTo("note");
    assertThat(strict.change("{\"id\":7,\"name\":null,\"note\":null,\"__op\":\"c\"}")).isNotNull();
    assertThat(strict.change("{\"before\":null,\"after\":null,\"op\":\"t\"}")).isNotNull();
    // A key is not a row.
    assertThat(strict.change(bytes("{\"id\":4}"), bytes("{\"after\":null,\"op\":\"d\"}")))
        .isNotNull();
    assertThat(plain.change("{\"id\":7,\"__op\":\"c\"}").<Object>getAs("name")).isNull();
  }

  // ------------------------------------------------------------------ unknown fields

  @Test
  void namesAnUnknownFieldOnce() {
    String unwrapped =
        "{\"id\":1,\"tip\":5,\"na\\u006dee\":1,\"__op\":\"c\",\"__deleted\":\"false\","
            + "\"__ts_ms\":1,\"__source_table\":\"t\",\"__own\":1}";

    assertThat(unknown(plain.decode(unwrapped))).containsExactly("tip", "namee");
    assertThat(unknown(plain.decode(unwrapped))).isNull();
    assertThat(unknown(plain.decode("{\"tip\":5,\"id\":1,\"__op\":\"c\"}"))).isNull();
    assertThat(unknown(plain.decode("{\"id\":1,\"more\":5,\"tip\":5,\"__op\":\"c\"}")))
        .containsExactly("more");
    assertThat(unknown(plain.decode("{\"id\":1,\"more\":5,\"__op\":\"c\"}"))).isNull();
  }

  @Test
  void looksForUnknownFieldsInTheRowAlone() {
    String source =
        "\"source\":{\"version\":\"3\",\"table\":\"t\"},\"transaction\":null,\"ts_ms\":1";
    Row update =
        plain.decode(
            "{\"before\":{\"id\":1,\"tip\":1},\"after\":{\"id\":1,\"tip\":2,\"vat\":1},"
                + source
                + ",\"op\":\"u\"}");

    assertThat(unknown(update)).containsExactly("tip", "vat");
    String schema = "{\"schema\":{\"type\":\"struct\"},\"payload\":";
    assertThat(unknown(plain.decode(schema + "{\"id\":1,\"fee\":1,\"__op\":\"c\"}}")))
        .containsExactly("fee");
    assertThat(unknown(plain.decode("{\"fee\":{\"inner\":1}}"))).isNull();
  }

  @Test
  void remembersABoundedNumberOfNames() {
    Decoding decoding = Decoding.of(table(MissingField.NULL, false));
    for (int i = 0; i < 3; i++) {
      StringBuilder message = new StringBuilder("{");
      for (int field = 0; field < 2000; field++) {
        message.append("\"f").append(i).append('-').append(field).append("\":1,");
      }
      message.append("\"").append("x".repeat(300)).append("\":1,");
      Row decoded = decoding.decode(message + "\"id\":1,\"__op\":\"c\"}");
      assertThat(decoded.getString(0)).isEqualTo(Outcome.CHANGE);
      if (i == 0) {
        assertThat(unknown(decoded)).hasSize(1000);
      } else {
        assertThat(unknown(decoded)).isNull();
      }
    }
  }

  private static List<String> unknown(Row decoded) {
    return decoded.isNullAt(3) ? null : decoded.getList(3);
  }

  // ------------------------------------------------------------------ keys

  static List<Arguments> shapes() {
    return List.of(
        Arguments.arguments("{\"id\":7}", "{\"before\":null,\"after\":null,\"op\":\"d\"}"),
        Arguments.arguments(
            "{\"schema\":{\"type\":\"struct\"},\"payload\":{\"id\":7}}",
            "{\"schema\":{\"type\":\"struct\"},\"payload\":"
                + "{\"before\":null,\"after\":null,\"op\":\"d\"}}"));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void readsADeleteFromItsKeyAndATombstoneFromNothing(String key, String value) {
    assertThat(plain.change(bytes(key), bytes(value)).<Long>getAs("id")).isEqualTo(7L);
    assertThat(plain.decode(bytes(key), null).getString(0)).isEqualTo(Outcome.SKIPPED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"id":7,"name":"a","__op":"d","__deleted":"true"}                   | d | 7
          {"id":8,"name":"a","__op":"c","__deleted":"false"}                  | c | 8
          {"before":{"id":7,"name":"a"},"after":null,"op":"d"}                | d | 7
          {"before":null,"after":{"id":8,"name":"a"},"op":"c"}                | c | 8
          {"id":null,"name":null,"__op":"t"}                                  | t |
          {"before":null,"after":null,"op":"t"}                               | t |
          """)
  void readsEachHalfOfAChangedKeyAndATruncateInBothShapesWithAndWithoutSchema(
      String message, String operation, Long id) {
    for (String sent :
        List.of(message, "{\"schema\":{\"type\":\"struct\"},\"payload\":" + message + "}")) {
      Row change = plain.change(sent);
      assertThat(change.<String>getAs("op")).isEqualTo(operation);
      assertThat(change.<Long>getAs("id")).isEqualTo(id);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
