package dev.millrace.cassandra;

import static org.assertj.core.api.Assertions.assertThat;

import com.datastax.oss.driver.api.core.CqlSession;
import dev.millrace.StackExtension;
import dev.millrace.config.CassandraConnection;
import dev.millrace.stack.LocalStack;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.commons.lang3.SerializationUtils;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(StackExtension.class)
class CassandraSessionsIT {

  /** An executor learns nothing of the end of a query but that its broadcasts are gone. */
  @Test
  void areClosedOnAnExecutorOnceItsCopyIsGone(LocalStack stack) throws Exception {
    stack.addCassandra();
    CqlSession session = ofACopyThatIsForgotten(stack);

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              System.gc();
              return session.isClosed();
            });
  }

  /** What a task of an executor does with its own copy. */
  private static CqlSession ofACopyThatIsForgotten(LocalStack stack) throws Exception {
    CassandraSessions copy =
        SerializationUtils.roundtrip(
            new CassandraSessions(
                new CassandraConnection(
                    "sinks.cassandra",
                    List.of(stack.connections().cassandra()),
                    "datacenter1",
                    "",
                    "",
                    Duration.ofSeconds(30),
                    Map.of()),
                "local-one"));
    CqlSession session = copy.session();
    assertThat(copy.session()).isSameAs(session);
    assertThat(session.isClosed()).isFalse();
    return session;
  }
}
