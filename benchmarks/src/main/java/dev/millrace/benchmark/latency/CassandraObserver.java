package dev.millrace.benchmark.latency;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.servererrors.InvalidQueryException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Asks for rows by key until each is there. */
final class CassandraObserver extends Observer {

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final CqlSession session;
  private final String keyspace;
  private final String table;
  private final UnseenRows unseen = new UnseenRows();
  private PreparedStatement query;

  CassandraObserver(String contactPoint, String keyspace, String table) {
    super("reader of " + keyspace + "." + table);
    this.keyspace = keyspace;
    this.table = table;
    int colon = contactPoint.lastIndexOf(':');
    session =
        CqlSession.builder()
            .addContactPoint(
                new InetSocketAddress(
                    contactPoint.substring(0, colon),
                    Integer.parseInt(contactPoint.substring(colon + 1))))
            .withLocalDatacenter("datacenter1")
            .build();
  }

  @Override
  void look(Times wanted) throws Exception {
    if (query == null && !isThere()) {
      LockSupport.parkNanos(PAUSE_NANOS);
      return;
    }
    List<Integer> asked = unseen.of(wanted);
    List<CompletionStage<AsyncResultSet>> answers = new ArrayList<>();
    for (int index : asked) {
      answers.add(session.executeAsync(query.bind(wanted.firstId() + index)));
    }
    for (int i = 0; i < asked.size(); i++) {
      boolean isFound = answers.get(i).toCompletableFuture().get().one() != null;
      if (isFound) {
        seen(wanted.firstId() + asked.get(i), System.nanoTime());
      }
    }
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  private boolean isThere() {
    boolean isThere =
        session
            .refreshSchema()
            .getKeyspace(keyspace)
            .flatMap(known -> known.getTable(table))
            .isPresent();
    if (!isThere) {
      return false;
    }
    try {
      query = session.prepare("SELECT id FROM " + keyspace + "." + table + " WHERE id = ?");
      return true;
    } catch (InvalidQueryException e) {
      // The schema is announced a moment before the table can be queried.
      return false;
    }
  }

  @Override
  void release() {
    session.close();
  }
}
