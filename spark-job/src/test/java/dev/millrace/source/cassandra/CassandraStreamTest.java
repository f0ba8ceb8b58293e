package dev.millrace.source.cassandra;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.config.CassandraConnection;
import dev.millrace.config.CassandraSourceDefinition;
import dev.millrace.config.CassandraTableName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.connector.read.streaming.Offset;
import org.apache.spark.sql.connector.read.streaming.ReadLimit;
import org.junit.jupiter.api.Test;

class CassandraStreamTest {

  @Test
  void readsTheTableOnceInARun() {
    CassandraStream stream = stream();
    Offset begin = stream.initialOffset();

    Offset end = stream.latestOffset(begin, ReadLimit.allAvailable());

    assertThat(begin.json()).isEqualTo("{\"reads\":0,\"splits\":4}");
    assertThat(end.json()).isEqualTo("{\"reads\":1,\"splits\":4}");
    assertThat(stream.latestOffset(begin, ReadLimit.allAvailable())).isEqualTo(end);
    assertThat(stream.latestOffset(end, ReadLimit.allAvailable())).isEqualTo(end);
  }

  @Test
  void readsItAgainInTheNextRunAndInThePartsThatAreWantedThen() {
    CassandraStream stream = stream();
    Offset before = stream.deserializeOffset("{\"reads\":7,\"splits\":64}");

    assertThat(stream.latestOffset(before, ReadLimit.allAvailable()).json())
        .isEqualTo("{\"reads\":8,\"splits\":4}");
  }

  private static CassandraStream stream() {
    CassandraConnection nowhere =
        new CassandraConnection(
            "source.cassandra",
            List.of("localhost:1"),
            "datacenter1",
            "",
            "",
            Duration.ZERO,
            Map.of());
    return new CassandraStream(
        null,
        new CassandraSourceDefinition(
            new CassandraTableName(nowhere, "one", "shop", "orders"), 4, 0, List.of(), List.of()),
        line -> {});
  }
}
