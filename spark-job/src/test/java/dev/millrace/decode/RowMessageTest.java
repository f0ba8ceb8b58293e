package dev.millrace.decode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.error.data.DataError;
import java.sql.Timestamp;
import java.time.Instant;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;

/** Messages that are the rows themselves: no envelope, no operation. */
class RowMessageTest {

  private final Decoding users =
      Decoding.ofRows(
          Tables.plain(
              Tables.column("name", DataTypes.StringType),
              Tables.column("registered", DataTypes.TimestampType, TimeUnit.ISO)));

  @Test
  void readsTheDeclaredColumnsAndNoOthers() {
    Row row =
        users.change(
            "{\"registered\":\"2025-11-07T11:29:32Z\",\"id\":7,\"name\":\"Ada\",\"__op\":\"d\",\"op\":1}");

    assertThat(row)
        .isEqualTo(
            RowFactory.create(7L, "Ada", Timestamp.from(Instant.parse("2025-11-07T11:29:32Z"))));
  }

  @Test
  void takesWhatLooksLikeAnEnvelopeAsARow() {
    Row row = users.change("{\"before\":null,\"after\":{\"id\":1},\"op\":\"c\",\"id\":2}");

    assertThat(row).isEqualTo(RowFactory.create(2L, null, null));
  }

  @Test
  void takesAnAbsentFieldForNull() {
    assertThat(users.change("{\"id\":7}")).isEqualTo(RowFactory.create(7L, null, null));
  }

  @Test
  void rejectsARowWithoutItsKey() {
    DataError error = users.reject("{\"id\":null,\"name\":\"Ada\"}");

    assertThat(error.code()).isEqualTo(DataError.Code.INVALID_KEY);
    assertThat(error.column()).isEqualTo("id");
    assertThat(error.message())
        .isEqualTo(
            "Cannot tell the row from others: the field \"id\" of the column id, which is part of"
                + " table.key, is null or missing. Name in table.key columns that always have a value"
                + " (NOT NULL or PRIMARY KEY in Postgres), or find out why the producer sends none.");
  }

  @Test
  void skipsATombstone() {
    assertThat(users.decode(null, null).getString(0)).isEqualTo(Outcome.SKIPPED);
  }

  @Test
  void rejectsWhatIsNoObject() {
    DataError error = users.reject("[1, 2]");

    assertThat(error.code()).isEqualTo(DataError.Code.NOT_AN_OBJECT);
    assertThat(error.message())
        .isEqualTo(
            "Cannot read the value as a JSON object: expected an object at byte 0 of 6, near"
                + " `[1, 2]`. Expected the JSON object of one row; look for its producer.");
  }

  @Test
  void rejectsAnEmptyValue() {
    assertThat(users.reject(null, "".getBytes(UTF_8)).code())
        .isEqualTo(DataError.Code.EMPTY_MESSAGE);
  }

  @Test
  void rejectsAValueOfAnotherType() {
    DataError error = users.reject("{\"id\":\"seven\"}");

    assertThat(error.code()).isEqualTo(DataError.Code.INVALID_VALUE);
    assertThat(error.column()).isEqualTo("id");
  }
}
