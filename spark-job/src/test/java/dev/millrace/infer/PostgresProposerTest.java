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
          time without time zone         | time in micros
          time(3) without time zone      | time in millis
          time with time zone            | timetz
          interval                       | interval
          interval day to second(3)      | interval
          uuid                           | uuid
          json                           | json
          jsonb                          | json
          hstore                         | map<string,string>
          extensions.hstore              | map<string,string>
          point                          | geometry
          geometry(Point,4326)           | geometry
          bit(1)                         | boolean
          bit(8)                         | binary
          bit varying(8)                 | binary
          money                          | string
          inet                           | string
          integer[]                      | array<int>
          numeric(10,2)[]                | array<decimal(10,2)>
          numeric[]                      | array<string>
          timestamp(3) without time zone[] | array<timestamp> in millis
          uuid[]                         | array<uuid>
          interval[]                     | string
          mood                           | string
          """)
  void takesTheTypeFromPostgres(String postgres, String type) {
    assertThat(PostgresTypes.of(column("c", postgres), List.of()).type().spoken()).isEqualTo(type);
  }

  @Test
  void saysWhatItIsNotSureOf() {
    assertThat(PostgresTypes.of(column("c", "numeric"), List.of()).doubts())
        .containsExactly(
            "numeric in Postgres: declare decimal(p,s) as wide as its values, up to"
                + " decimal(38,s).");
    assertThat(PostgresTypes.of(column("c", "pg_snapshot"), List.of()).doubts())
        .containsExactly("Of the type pg_snapshot in Postgres: look at what the connector sends.");
    assertThat(PostgresTypes.of(column("c", "xid"), List.of()).doubts())
        .containsExactly("The connector leaves out columns of type xid.");
    assertThat(PostgresTypes.of(new Column("c", "mood", true), List.of()).doubts()).isEmpty();
    assertThat(PostgresTypes.of(new Column("c", "mood[]", true), List.of()).doubts()).isEmpty();
    assertThat(PostgresTypes.of(column("c", "interval[]"), List.of()).doubts())
        .containsExactly("The connector leaves out arrays of interval.");
    assertThat(PostgresTypes.of(column("c", "numeric[]"), List.of()).doubts())
        .containsExactly(
            "numeric in Postgres: declare decimal(p,s) as wide as its values, up to"
                + " decimal(38,s).");
  }

  @Test
  void keepsIntervalsWithMonthsAsText() {
    PostgresTable table =
        new PostgresTable(
            List.of(column("id", "bigint"), column("term", "interval")),
            List.of("id"),
            "default",
            List.of(List.of("1", "3 days 04:05:06"), List.of("2", "1 year 2 mons")));

    assertThat(PostgresProposer.propose(table).toYaml())
        .isEqualToNormalizingNewlines(
            """
            table:
              key: [id]
              replica-identity: default
              columns:
                id: {type: bigint}
                # Intervals with months, such as 1 year 2 mons: a month is not a fixed number of days.
                term: {type: string}
            """);
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
            "default",
            List.of(
                Arrays.asList("1", "b'12.5'", "b'x'", "12"),
                Arrays.asList("2", "b'nan'", null, "13")));

    assertThat(PostgresProposer.propose(table).toYaml())
        .isEqualToNormalizingNewlines(
            """
            table:
              key: [id]
              replica-identity: default
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
    PostgresTable table =
        new PostgresTable(List.of(column("note", "text")), List.of(), "default", List.of());

    assertThat(PostgresProposer.propose(table).toYaml())
        .isEqualToNormalizingNewlines(
            """
            table:
              # The table has no primary key: name what identifies a row, key: [...].
              replica-identity: default
              columns:
                note: {type: string}
            """);
  }
}
