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
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A column of {@code table.key} has a value in every row that a sink sees. */
class NullKeyTest {

  private static final String FIX =
      " Name in table.key columns that always have a value (NOT NULL or PRIMARY KEY in Postgres), or"
          + " find out why the producer sends none.";

  @ParameterizedTest
  @EnumSource(OnError.class)
  void rejectsARowWhoseKeyIsNullWhateverOnErrorSays(OnError onError) {
    Decoding users = Decoding.of(table(onError));
    for (String message :
        List.of(
            "{\"id\":1,\"city\":null,\"__op\":\"c\"}",
            "{\"id\":1,\"__op\":\"u\"}",
            "{\"id\":1,\"__op\":\"d\",\"__deleted\":\"true\"}",
            "{\"before\":null,\"after\":{\"id\":1,\"city\":null},\"op\":\"c\"}",
            "{\"before\":null,\"after\":{\"id\":1},\"op\":\"r\"}",
            "{\"before\":{\"id\":1,\"city\":null},\"after\":null,\"op\":\"d\"}")) {
      assertThat(users.reject(message))
          .as(message)
          .isEqualTo(
              new DataError(
                  DataError.Code.INVALID_KEY,
                  "city",
                  "Cannot tell the row from others: the field \"city\" of the column city, which is"
                      + " part of table.key, is null or missing."
                      + FIX));
    }
  }

  @ParameterizedTest
  @EnumSource(OnError.class)
  void rejectsANullTokenInTheKeyAndDoesNotAskForAnother(OnError onError) {
    DataError error =
        Decoding.of(table(onError)).reject("{\"id\":1,\"city\":\"nan\",\"__op\":\"c\"}");

    assertThat(error)
        .isEqualTo(
            new DataError(
                DataError.Code.INVALID_KEY,
                "city",
                "Cannot tell the row from others: the field \"city\" of the column city, which is part"
                    + " of table.key, is `nan`, a null token. Set null-tokens: [] on the column if the"
                    + " text is a value."
                    + FIX));
  }

  @ParameterizedTest
  @EnumSource(OnError.class)
  void rejectsAKeyThatCannotBeReadAndDoesNotAskForANullToken(OnError onError) {
    DataError error =
        Decoding.of(table(onError)).reject("{\"id\":\"one\",\"city\":\"Rom\",\"__op\":\"c\"}");

    assertThat(error.code()).isEqualTo(DataError.Code.INVALID_VALUE);
    assertThat(error.column()).isEqualTo("id");
    assertThat(error.message())
        .endsWith(
            "it is not of this type. Declare the column as string to keep it; it is part of"
                + " table.key, so it can't be null.")
        .doesNotContain("null-tokens");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"id\":1,\"city\":null}",
        "{\"id\":1}",
        "{\"id\":1,\"city\":\"nan\"}",
        "{\"id\":\"one\",\"city\":\"Rom\"}"
      })
  void rejectsThemInMessagesThatAreTheRowItself(String message) {
    assertThat(Decoding.ofRows(table(OnError.NULL)).decode(message).getString(0))
        .isEqualTo(Outcome.REJECTED);
  }

  @Test
  void rejectsADeleteWhoseMessageKeyHoldsANullToken() {
    DataError error =
        Decoding.of(table(OnError.NULL))
            .reject(
                "{\"id\":1,\"city\":\"nan\"}".getBytes(UTF_8),
                "{\"before\":null,\"after\":null,\"op\":\"d\"}".getBytes(UTF_8));

    assertThat(error.code()).isEqualTo(DataError.Code.INVALID_KEY);
    assertThat(error.column()).isEqualTo("city");
  }

  @Test
  void takesTheEmptyTextForAValueAndNullsInOtherColumns() {
    Row row = Decoding.of(table(OnError.REJECT)).change("{\"id\":0,\"city\":\"\",\"__op\":\"c\"}");

    assertThat(row.<Long>getAs(0)).isZero();
    assertThat(row.<String>getAs(1)).isEmpty();
    assertThat(row.<String>getAs(2)).isNull();
  }

  private static TableDefinition table(OnError onError) {
    return new TableDefinition(
        List.of("id", "city"),
        TextEncoding.NONE,
        Set.of("nan"),
        onError,
        List.of(
            Tables.column("id", DataTypes.LongType),
            Tables.column("city", DataTypes.StringType),
            Tables.column("name", DataTypes.StringType)));
  }
}
