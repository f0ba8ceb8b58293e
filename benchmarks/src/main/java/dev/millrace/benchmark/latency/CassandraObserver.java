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

/**
 * Asks for rows by key until each is there. Only every {@value #STEP}th row of a series, so that
 * the questions are few next to the writes.
 */
final class CassandraObserver extends Observer {

  /** Of that many rows one is looked for. */
  static final int STEP = 25;

  private static final int MAX_AT_ONCE = 32;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final CqlSession session;
  private final String keyspace;
  private final String table;
  private PreparedStatement query;
  private Times series;
  private int next;

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
    if (series != wanted) {
      series = wanted;
      next = 0;
    }
    // Rows are committed in the order of their ids, and most arrive in it: a window over the oldest
    // that are not seen.
    List<Integer> asked = new ArrayList<>();
    List<CompletionStage<AsyncResultSet>> answers = new ArrayList<>();
    while (next < series.count() && series.has(next)) {
      next += STEP;
    }
    for (int i = next; i < series.count() && asked.size() < MAX_AT_ONCE; i += STEP) {
      if (!series.has(i)) {
        asked.add(i);
        answers.add(session.executeAsync(query.bind(series.firstId() + i)));
      }
    }
    for (int i = 0; i < asked.size(); i++) {
      boolean isFound = answers.get(i).toCompletableFuture().get().one() != null;
      if (isFound) {
        seen(series.firstId() + asked.get(i), System.nanoTime());
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
