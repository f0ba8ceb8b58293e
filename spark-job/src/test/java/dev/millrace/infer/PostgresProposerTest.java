package dev.millrace.infer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.event.PostgresTable;
import dev.millrace.event.PostgresTable.Column;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresProposerTest {

  private static Column column(String name, String type) {
    return new Column(name, type, false);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          boolean                        | boolean
          smallint                       | smallint
          integer                        | int
          bigint                         | bigint
          real                           | float
          double precision               | double
          numeric(10,2)                  | decimal(10,2)
          numeric                        | string
          numeric(50,2)                  | string
          text                           | string
          character varying(10)          | string
          character(3)                   | string
          bytea                          | binary
          date                           | date in days
          timestamp without time zone    | timestamp in micros
          timestamp(3) without time zone | timestamp in millis
          timestamp(6) without time zone | timestamp in micros
          timestamp with time zone       | timestamp in iso
          timestamp(3) with time zone    | timestamp in iso
          uuid                           | string
          jsonb                          | string
          mood                           | string
          """)
  void takesTheTypeFromPostgres(String postgres, String type) {
    assertThat(PostgresTypes.of(column("c", postgres)).type().spoken()).isEqualTo(type);
  }

  @Test
  void saysWhatItIsNotSureOf() {
    assertThat(PostgresTypes.of(column("c", "numeric")).doubts())
        .containsExactly(
            "numeric in Postgres: declare decimal(p,s) as wide as its values, up to"
                + " decimal(38,s).");
    assertThat(PostgresTypes.of(column("c", "box")).doubts())
        .containsExactly("Of the type box in Postgres: look at what the connector sends.");
    assertThat(PostgresTypes.of(new Column("c", "mood", true)).doubts()).isEmpty();
  }

  @Test
  void readsTextsForWhatTheyHold() {
    PostgresTable table =
        new PostgresTable(
            List.of(
                column("id", "bigint"),
                column("rides.csv/value", "text"),
                column("rides.csv/name", "text"),
                column("note", "text")),
            List.of("id"),
            List.of(
                Arrays.asList("1", "b'12.5'", "b'x'", "12"),
                Arrays.asList("2", "b'nan'", null, "13")));

    assertThat(PostgresProposer.propose(table).toYaml())
        .isEqualToNormalizingNewlines(
            """
            table:
              key: [id]
              text-encoding: python-bytes
              null-tokens: ["nan"]
              columns:
                id: {type: bigint}
                value: {from: rides.csv/value, type: double}
                name: {from: rides.csv/name, type: string}
                # All values could be read as bigint, such as "12".
                note: {type: string}
            """);
  }

  @Test
  void makesDoWithoutRows() {
    PostgresTable table = new PostgresTable(List.of(column("note", "text")), List.of(), List.of());

    assertThat(PostgresProposer.propose(table).toYaml())
        .isEqualToNormalizingNewlines(
            """
            table:
              # The table has no primary key: name what identifies a row, key: [...].
              columns:
                note: {type: string}
            """);
  }
}
