package dev.millrace.sink.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.sql.types.DataType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which types of Postgres hold which of Spark. */
class PostgresTypesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "BOOLEAN | boolean",
        "TINYINT | smallint",
        "SMALLINT | smallint",
        "INT | integer",
        "BIGINT | bigint",
        "FLOAT | real",
        "DOUBLE | double precision",
        "DECIMAL(10,2) | numeric(10,2)",
        "STRING | text",
        "BINARY | bytea",
        "DATE | date",
        "TIMESTAMP | timestamp with time zone",
        "TIMESTAMP_NTZ | timestamp without time zone",
        "INTERVAL DAY TO SECOND | interval",
        "INTERVAL YEAR TO MONTH | interval",
        "ARRAY<INT> | jsonb",
        "MAP<STRING,INT> | jsonb",
        "STRUCT<a: INT> | jsonb",
      })
  void aColumnThatIsCreatedHoldsEveryValue(String type, String created) {
    assertThat(PostgresTypes.created(DataType.fromDDL(type))).hasValue(created);
    assertThat(PostgresTypes.holds(created, DataType.fromDDL(type))).isTrue();
  }

  @Test
  void nothingHoldsNothing() {
    assertThat(PostgresTypes.created(DataType.fromDDL("VOID"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "INT | bigint | true",
        "INT | numeric(5,0) | true",
        "INT | smallint | false",
        "BIGINT | integer | false",
        "FLOAT | double precision | true",
        "DOUBLE | real | false",
        "DOUBLE | numeric | false",
        "DECIMAL(10,2) | numeric | true",
        "DECIMAL(10,2) | numeric(4,1) | true",
        "STRING | character varying(10) | true",
        "STRING | character varying | true",
        "STRING | character(10) | false",
        "STRING | uuid | false",
        "TIMESTAMP | timestamp without time zone | true",
        "TIMESTAMP | timestamp(3) with time zone | false",
        "DATE | timestamp with time zone | false",
        "ARRAY<INT> | json | false",
        "ARRAY<INT> | integer[] | false",
      })
  void aColumnThatIsThereMayBeWider(String type, String found, boolean holds) {
    assertThat(PostgresTypes.holds(found, DataType.fromDDL(type))).isEqualTo(holds);
  }
}
