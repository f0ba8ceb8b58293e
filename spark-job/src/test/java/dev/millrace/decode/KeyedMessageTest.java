package dev.millrace.decode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TextEncoding;
import dev.millrace.error.data.DataError;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;

/** JSON messages whose key tells which row they are. */
class KeyedMessageTest {

  private final Decoding byNumber =
      Decoding.byKey(MessageForm.ROW_BY_JSON_KEY, table(List.of("id"), DataTypes.LongType));

  private final Decoding byTwo =
      Decoding.byKey(MessageForm.ROW_BY_JSON_KEY, table(List.of("id", "name"), DataTypes.LongType));

  private final Decoding byTextualNumber =
      Decoding.byKey(MessageForm.ROW_BY_TEXT_KEY, table(List.of("id"), DataTypes.LongType));

  private final Decoding byText =
      Decoding.byKey(MessageForm.ROW_BY_TEXT_KEY, table(List.of("id"), DataTypes.StringType));

  @Test
  void aValueIsAnUpdateOfTheRowThatTheKeyTells() {
    assertThat(change(byNumber, "{\"id\":7}", "{\"id\":7,\"name\":\"Ada\"}"))
        .isEqualTo(RowFactory.create(7L, "Ada", null, "u"));
    assertThat(change(byNumber, "{\"id\":7}", "{\"name\":\"Ada\",\"fare\":2}"))
        .isEqualTo(RowFactory.create(7L, "Ada", 2, "u"));
  }

  @Test
  void aTombstoneIsADeleteOfIt() {
    assertThat(change(byNumber, "{\"id\":7}", null))
        .isEqualTo(RowFactory.create(7L, null, null, "d"));
    assertThat(change(byText, "seven", null))
        .isEqualTo(RowFactory.create("seven", null, null, "d"));
  }

  @Test
  void aTombstoneIsSkippedWhereNobodyAsksForTheOperation() {
    Decoding rows =
        Decoding.ofForm(
            MessageForm.ROW_BY_JSON_KEY, table(List.of("id"), DataTypes.LongType), Set.of("id"));

    assertThat(rows.decode(bytes("7"), null).getString(0)).isEqualTo(Outcome.SKIPPED);
    assertThat(rows.reject(null, null).code()).isEqualTo(DataError.Code.INVALID_KEY);
  }

  @Test
  void aKeyOfOneColumnMayBeItsValueAlone() {
    assertThat(change(byNumber, "7", "{\"name\":\"Ada\"}"))
        .isEqualTo(RowFactory.create(7L, "Ada", null, "u"));
    assertThat(change(byNumber, " \"7\" ", "{\"name\":\"Ada\"}"))
        .isEqualTo(RowFactory.create(7L, "Ada", null, "u"));
  }

  @Test
  void aKeyMayBeWrappedWithItsSchema() {
    assertThat(change(byNumber, "{\"schema\":{\"type\":\"int64\"},\"payload\":7}", "{}"))
        .isEqualTo(RowFactory.create(7L, null, null, "u"));
    assertThat(
            change(
                byTwo, "{\"schema\":{},\"payload\":{\"id\":7,\"name\":\"Ada\"}}", "{\"fare\":1}"))
        .isEqualTo(RowFactory.create(7L, "Ada", 1, "u"));
  }

  @Test
  void aKeyMayHaveTwoColumns() {
    assertThat(change(byTwo, "{\"name\":\"Ada\",\"id\":7}", "{\"fare\":1}"))
        .isEqualTo(RowFactory.create(7L, "Ada", 1, "u"));
    assertThat(change(byTwo, "{\"name\":\"Ada\",\"id\":7}", null))
        .isEqualTo(RowFactory.create(7L, "Ada", null, "d"));
    assertThat(reject(byTwo, "7", "{}"))
        .isEqualTo(
            "Cannot tell which row the message is: its key is `7`. Expected a JSON object with the"
                + " fields id, name. Correct the producer's key, or table.key.");
    assertThat(reject(byTwo, "{\"id\":7}", "{\"name\":\"Ada\"}"))
        .isEqualTo(
            "Cannot tell which row the message is: its key `{\"id\":7}` has no value for \"name\"."
                + " Name in table.key the columns that the messages' keys have, or correct the"
                + " producer's key.");
  }

  @Test
  void aKeyOfTextIsReadAsTheTypeOfItsColumn() {
    assertThat(change(byTextualNumber, "7", "{\"id\":7,\"name\":\"Ada\"}"))
        .isEqualTo(RowFactory.create(7L, "Ada", null, "u"));
    assertThat(change(byText, "{\"id\":7}", "{\"name\":\"Ada\"}"))
        .isEqualTo(RowFactory.create("{\"id\":7}", "Ada", null, "u"));
    assertThat(change(byText, "", "{\"name\":\"Ada\"}"))
        .isEqualTo(RowFactory.create("", "Ada", null, "u"));
    assertThat(reject(byTextualNumber, "seven", "{}"))
        .startsWith(
            "Cannot read column id from the message's key: found `seven`, expected bigint; ");
    assertThat(byText.reject(new byte[] {0, 0, (byte) 0xff, 7}, bytes("{}")).message())
        .isEqualTo(
            "Cannot read column id from the message's key: its 4 bytes are not UTF-8. Correct the"
                + " producer's key serializer (StringSerializer writes text).");
  }

  @Test
  void aMessageWithoutAKeyIsRejected() {
    assertThat(reject(byNumber, null, "{\"id\":7}"))
        .isEqualTo(
            "Cannot tell which row the message is: it has no key. Expected the JSON value of id or a"
                + " JSON object with the fields id (source.kafka.key). Have its producer set the"
                + " key.");
    assertThat(byText.reject(null, null).column()).isNull();
  }

  @Test
  void aKeyThatIsNotJsonIsRejected() {
    assertThat(reject(byNumber, "seven", "{}"))
        .startsWith("Cannot read the message's key as JSON: ")
        .endsWith(
            " Expected the JSON value of id or a JSON object with the fields id. Correct the"
                + " producer's key serializer; for a key that is plain text set source.kafka.key:"
                + " text.");
    assertThat(reject(byNumber, "", "{}")).startsWith("Cannot read the message's key as JSON: ");
    assertThat(reject(byNumber, "7 8", "{}")).startsWith("Cannot read the message's key as JSON: ");
    assertThat(reject(byNumber, "null", "{}"))
        .startsWith("Cannot tell which row the message is: column id of its key `null` is null.");
    assertThat(reject(byNumber, "[7]", null))
        .startsWith("Cannot read column id from the message's key: found `[7]`, expected bigint; ");
  }

  @Test
  void aValueThatTellsAnotherKeyIsRejected() {
    assertThat(reject(byNumber, "7", "{\"name\":\"Ada\",\"id\":8}"))
        .isEqualTo(
            "Cannot tell which row the message is: its key is `7`, and the field \"id\" of its value"
                + " is `8`. Correct the producer, or leave the field out of the value.");
    assertThat(reject(byNumber, "7", "{\"id\":null}")).contains("of its value is `null`");
    assertThat(reject(byText, "a", "{\"id\":\"b\"}")).contains("of its value is `b`");
    assertThat(change(byTextualNumber, "7", "{\"id\":\"7\"}").getLong(0)).isEqualTo(7);
  }

  @Test
  void aValueIsReadAsStrictlyAsWithoutAKey() {
    assertThat(byNumber.reject(bytes("7"), bytes("")).code())
        .isEqualTo(DataError.Code.EMPTY_MESSAGE);
    assertThat(byNumber.reject(bytes("7"), bytes("[]")).code())
        .isEqualTo(DataError.Code.NOT_AN_OBJECT);
    assertThat(byNumber.reject(bytes("7"), bytes("{\"fare\":\"x\"}")).column()).isEqualTo("fare");
  }

  private static Row change(Decoding decoding, String key, String value) {
    return decoding.change(bytes(key), bytes(value));
  }

  private static String reject(Decoding decoding, String key, String value) {
    DataError error = decoding.reject(bytes(key), bytes(value));
    assertThat(error.code()).isEqualTo(DataError.Code.INVALID_KEY);
    return error.message();
  }

  private static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(UTF_8);
  }

  private static TableDefinition table(List<String> key, DataType id) {
    return new TableDefinition(
        key,
        TextEncoding.NONE,
        Set.of(),
        OnError.REJECT,
        List.of(
            Tables.column("id", id),
            Tables.column("name", DataTypes.StringType),
            Tables.column("fare", DataTypes.IntegerType)));
  }
}
