package dev.millrace.sink.cassandra;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.CassandraConnection;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition.CassandraSink;
import dev.millrace.config.SinkDefinition.CassandraSink.ClusteringColumn;
import dev.millrace.config.SinkDefinition.CassandraSink.Replication;
import dev.millrace.config.SinkDefinition.Create;
import dev.millrace.config.SinkDefinition.OnTruncate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class CassandraTableTest {

  @Test
  void createsATableOfTheOutputsColumnsAndKey() {
    StructType schema =
        StructType.fromDDL(
            "name STRING, at TIMESTAMP, id STRING, day DATE, price DECIMAL(10, 2), ok BOOLEAN,"
                + " tiny TINYINT, small SMALLINT, whole INT, big BIGINT, single FLOAT, dbl DOUBLE,"
                + " bytes BINARY, tags ARRAY<STRING>, counts MAP<STRING, ARRAY<BIGINT>>, `order` INT,"
                + " Mixed STRING");
    CassandraTable table =
        table(
            schema,
            List.of("name"),
            List.of(new ClusteringColumn("at", true), new ClusteringColumn("id", false)),
            Map.of("id", "uuid"));

    assertThat(table.createTable(CassandraPlan.of(table.sink(), table.output(), schema)))
        .isEqualTo(
            "CREATE TABLE IF NOT EXISTS music.records (name text, at timestamp, id uuid, day date,"
                + " price decimal, ok boolean, tiny tinyint, small smallint, whole int, big bigint,"
                + " single float, dbl double, bytes blob, tags frozen<list<text>>,"
                + " counts frozen<map<text, frozen<list<bigint>>>>, \"order\" int, \"Mixed\" text,"
                + " PRIMARY KEY ((name), at, id)) WITH CLUSTERING ORDER BY (at DESC, id ASC)");
    assertThat(table.createKeyspace())
        .isEqualTo(
            "CREATE KEYSPACE IF NOT EXISTS music WITH replication = {'class': 'SimpleStrategy',"
                + " 'replication_factor': 1}");
  }

  @Test
  void storesTheRowOfAChangeAndNotWhatIsSaidAboutIt() {
    StructType schema =
        StructType.fromDDL(
            "id BIGINT, fare INT, op STRING, lsn BIGINT, tx_id BIGINT, source_ts TIMESTAMP,"
                + " snapshot STRING, topic STRING, partition INT, offset BIGINT");
    CassandraTable table = table(schema, List.of("id"), List.of(), Map.of());

    CassandraPlan plan = CassandraPlan.of(table.sink(), table.output(), schema);

    assertThat(plan.hasChanges()).isTrue();
    assertThat(plan.insert())
        .isEqualTo("INSERT INTO music.records (id, fare) VALUES (?, ?) USING TIMESTAMP ?");
    assertThat(plan.delete()).isEqualTo("DELETE FROM music.records USING TIMESTAMP ? WHERE id = ?");
  }

  @Test
  void storesAnOperationThatIsTheKey() {
    StructType schema = StructType.fromDDL("op STRING, average DOUBLE");
    CassandraTable table = table(schema, List.of("op"), List.of(), Map.of());

    CassandraPlan plan = CassandraPlan.of(table.sink(), table.output(), schema);

    assertThat(plan.hasChanges()).isFalse();
    assertThat(plan.columns()).containsExactly("op", "average");
  }

  @Test
  void namesEveryColumnThatCassandraCannotHold() {
    StructType schema =
        StructType.fromDDL("id BIGINT, w STRUCT<start: TIMESTAMP>, gap INTERVAL DAY TO SECOND");
    CassandraTable table =
        table(
            schema,
            List.of("id"),
            List.of(new ClusteringColumn("at", false)),
            Map.of("id", "uuid"));

    assertThat(CassandraTable.objections(table.sink(), schema))
        .containsExactly(
            "sinks.cassandra.types makes 'id' uuid, which takes a text, and the column is bigint."
                + " Remove the type, or cast the column to string.",
            "Cassandra has no type for the column 'w' (struct<start:timestamp>). Select its fields"
                + " one by one, or as text with to_json(w).",
            "Cassandra has no type for the column 'gap' (interval day to second). Select its fields"
                + " one by one, or as text with to_json(gap).",
            "sinks.cassandra.clustering names 'at', which the SQL does not return.");
  }

  private static CassandraTable table(
      StructType schema,
      List<String> key,
      List<ClusteringColumn> clustering,
      Map<String, String> types) {
    return new CassandraTable(
        new CassandraSink(
            new CassandraConnection(
                "sinks.cassandra",
                List.of("localhost:9042"),
                "datacenter1",
                "",
                "",
                Duration.ofSeconds(1),
                Map.of()),
            "music",
            "records",
            new Replication("SimpleStrategy", 1),
            Create.IF_MISSING,
            "local-quorum",
            clustering,
            types,
            OnTruncate.FAIL,
            128,
            64),
        new OutputDefinition(
            "listened",
            Optional.empty(),
            "songs.yaml:1: outputs.listened.sql",
            OutputDefinition.Mode.APPEND,
            OutputDefinition.Scope.STREAM,
            Optional.empty(),
            key,
            new dev.millrace.config.SinkDefinition.ConsoleSink(1)),
        schema);
  }
}
