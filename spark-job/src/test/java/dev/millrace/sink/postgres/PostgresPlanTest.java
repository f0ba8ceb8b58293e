package dev.millrace.sink.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.SinkDefinition.PostgresSink.Guard;
import dev.millrace.sink.TableChange;
import java.util.List;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** The statements of a plan, as Postgres gets them. */
class PostgresPlanTest {

  private static final PostgresPlan PLAN =
      new PostgresPlan(
          "live data",
          "to\"tals",
          StructType.fromDDL("op STRING, Vehicle STRING, city STRING NOT NULL, n INT"),
          true,
          List.of("Vehicle", "city"),
          TableChange.MERGE,
          Guard.NONE);

  @Test
  void createsATableWithAKeyInWhichNullsAreEqual() {
    assertThat(PLAN.createTable())
        .isEqualTo(
            "CREATE TABLE \"live data\".\"to\"\"tals\" (\"Vehicle\" text, \"city\" text, \"n\" integer,"
                + " UNIQUE NULLS NOT DISTINCT (\"Vehicle\", \"city\"))");
  }

  @Test
  void aKeyWithoutNullsIsThePrimaryKey() {
    PostgresPlan plan =
        new PostgresPlan(
            "public",
            "mirror",
            StructType.fromDDL("op STRING, id BIGINT NOT NULL, note STRING"),
            true,
            List.of("id"),
            TableChange.MERGE,
            Guard.NONE);

    assertThat(plan.createTable())
        .isEqualTo(
            "CREATE TABLE \"public\".\"mirror\" (\"id\" bigint, \"note\" text, PRIMARY KEY (\"id\"))");
  }

  @Test
  void removesByKeyAndTakesAnIndexUnlessTheKeyHasANull() {
    assertThat(PLAN.delete("source"))
        .isEqualTo(
            "DELETE FROM \"live data\".\"to\"\"tals\" AS t USING source AS s WHERE s.\"millrace.op\" = 'd'"
                + " AND t.\"Vehicle\" = s.\"Vehicle\" AND t.\"city\" = s.\"city\"");
    assertThat(PLAN.deleteNulls("source"))
        .isEqualTo(
            "DELETE FROM \"live data\".\"to\"\"tals\" AS t USING source AS s WHERE s.\"millrace.op\" = 'd'"
                + " AND (s.\"Vehicle\" IS NULL OR s.\"city\" IS NULL)"
                + " AND t.\"Vehicle\" IS NOT DISTINCT FROM s.\"Vehicle\""
                + " AND t.\"city\" IS NOT DISTINCT FROM s.\"city\"");
  }

  @Test
  void writesOverTheRowsThatAreThere() {
    assertThat(PLAN.write("source"))
        .isEqualTo(
            "INSERT INTO \"live data\".\"to\"\"tals\" (\"Vehicle\", \"city\", \"n\")"
                + " SELECT \"Vehicle\", \"city\", \"n\" FROM source WHERE \"millrace.op\" = 'c'"
                + " ON CONFLICT (\"Vehicle\", \"city\") DO UPDATE SET \"n\" = excluded.\"n\"");
  }

  @Test
  void aRowThatIsAllKeyHasNothingToWriteOver() {
    PostgresPlan distinct =
        new PostgresPlan(
            "public",
            "cities",
            StructType.fromDDL("op STRING, city STRING"),
            true,
            List.of("city"),
            TableChange.MERGE,
            Guard.NONE);

    assertThat(distinct.write("source"))
        .endsWith("WHERE \"millrace.op\" = 'c' ON CONFLICT (\"city\") DO NOTHING");
  }

  @Test
  void rowsThatAreAddedKeepTheirOperation() {
    PostgresPlan changes =
        new PostgresPlan(
            "public",
            "changes",
            StructType.fromDDL("op STRING, id BIGINT"),
            false,
            List.of(),
            TableChange.APPEND,
            Guard.NONE);

    assertThat(changes.write("source"))
        .isEqualTo(
            "INSERT INTO \"public\".\"changes\" (\"op\", \"id\") SELECT \"op\", \"id\" FROM source"
                + " WHERE \"millrace.op\" = 'c'");
    assertThat(changes.copy("source")).isEqualTo("COPY source FROM STDIN");
    assertThat(changes.createSource("UNLOGGED", "source", ""))
        .isEqualTo(
            "CREATE UNLOGGED TABLE source AS SELECT ''::\"char\" AS \"millrace.op\", \"op\", \"id\" FROM"
                + " \"public\".\"changes\" WITH NO DATA");
  }
}
