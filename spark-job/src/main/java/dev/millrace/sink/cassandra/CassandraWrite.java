package dev.millrace.sink.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.context.DriverContext;
import com.datastax.oss.driver.api.core.cql.AsyncResultSet;
import com.datastax.oss.driver.api.core.cql.BatchStatement;
import com.datastax.oss.driver.api.core.cql.BatchStatementBuilder;
import com.datastax.oss.driver.api.core.cql.BatchableStatement;
import com.datastax.oss.driver.api.core.cql.BoundStatementBuilder;
import com.datastax.oss.driver.api.core.cql.DefaultBatchType;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.type.DataType;
import com.datastax.oss.driver.api.core.type.ListType;
import com.datastax.oss.driver.api.core.type.MapType;
import com.datastax.oss.driver.api.core.type.SetType;
import com.datastax.oss.driver.api.core.type.codec.TypeCodec;
import com.datastax.oss.driver.api.core.type.codec.registry.CodecRegistry;
import dev.millrace.cassandra.CassandraRequests;
import dev.millrace.cassandra.CassandraSessions;
import dev.millrace.config.CassandraConnection;
import dev.millrace.error.CassandraErrors;
import java.io.Serializable;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;

/**
 * Writes the rows of one task, and returns when all are stored. Runs on executors.
 *
 * <p>Rows are taken a few thousand at a time; those of one key become one write. Every write has a
 * timestamp of the clock's, so neither the order in which writes arrive nor how often they are sent
 * makes a difference. Rows of one partition go in one request.
 *
 * @param batchId the batch's number in the checkpoint that the clock belongs to
 */
record CassandraWrite(
    Broadcast<CassandraSessions> sessions,
    CassandraPlan plan,
    boolean isTruncateSkipped,
    int inFlight,
    int rowsPerRequest,
    CassandraConnection connection,
    CassandraClock clock,
    long batchId)
    implements FlatMapFunction<Iterator<InternalRow>, Integer>, Serializable {

  private static final int WINDOW = 8_192;
  private static final long WINDOW_BYTES = 16L * 1024 * 1024;

  /** What the rows of one request may have; a larger row goes in one of its own. */
  private static final int REQUEST_BYTES = 1024 * 1024;

  /** How many of the newest keys of a window may wait for the next one. */
  private static final int TAIL = 256;

  @Override
  public Iterator<Integer> call(Iterator<InternalRow> rows) throws InterruptedException {
    if (!rows.hasNext()) {
      return List.<Integer>of().iterator();
    }
    CassandraSessions own = sessions.value();
    try {
      write(own.session(), rows);
    } finally {
      // The session is open as long as what it came from can be reached.
      Reference.reachabilityFence(own);
    }
    return List.<Integer>of().iterator();
  }

  private void write(CqlSession session, Iterator<InternalRow> rows) throws InterruptedException {
    // The driver forgets a prepared statement that nothing refers to, and asks the server again.
    Statements statements =
        new CassandraRequests(connection, line -> {})
            .answered(
                () -> new Statements(session, plan),
                refusal -> CassandraErrors.refusedWrite(plan.table(), refusal));
    CassandraChanges changes =
        new CassandraChanges(plan, statements.types(), isTruncateSkipped, clock);
    CassandraWrites writes =
        new CassandraWrites(
            session, plan.table(), connection.place(), inFlight, connection.retryTimeout());
    Map<List<Object>, CassandraRow> window = new LinkedHashMap<>();
    int task = TaskContext.getPartitionId();
    int windows = 0;
    long bytes = 0;
    while (rows.hasNext()) {
      InternalRow row = rows.next();
      bytes += row instanceof UnsafeRow unsafe ? unsafe.getSizeInBytes() : 0;
      changes.apply(row, window, clock.ofBatch(batchId, task, windows));
      if (window.size() >= WINDOW || bytes >= WINDOW_BYTES || !rows.hasNext()) {
        Map<List<Object>, CassandraRow> waiting = rows.hasNext() ? newest(window) : Map.of();
        window.keySet().removeAll(waiting.keySet());
        resolve(session, statements, window.values(), writes);
        send(statements, window, writes);
        window.clear();
        window.putAll(waiting);
        windows++;
        bytes = 0;
      }
    }
    writes.finish();
  }

  /** The newest keys of a window whose rows a delete of the same transaction may follow. */
  private static Map<List<Object>, CassandraRow> newest(Map<List<Object>, CassandraRow> window) {
    Map<List<Object>, CassandraRow> newest = new LinkedHashMap<>();
    window.entrySet().stream()
        .skip(Math.max(0, window.size() - TAIL))
        .filter(each -> each.getValue().mayBeContested())
        .forEach(each -> newest.put(each.getKey(), each.getValue()));
    return newest;
  }

  /**
   * Asks Cassandra whether the keys of contested rows had older rows. What an earlier delivery of
   * the batch wrote has the same timestamps, and is taken for what it was taken for then.
   */
  private void resolve(
      CqlSession session,
      Statements statements,
      Collection<CassandraRow> rows,
      CassandraWrites writes)
      throws InterruptedException {
    List<CassandraRow> contested = rows.stream().filter(CassandraRow::isContested).toList();
    if (contested.isEmpty()) {
      return;
    }
    // The older row may be of the window before.
    writes.finish();
    CassandraRequests requests = new CassandraRequests(connection, line -> {});
    for (int from = 0; from < contested.size(); from += inFlight) {
      List<CassandraRow> some =
          contested.subList(from, Math.min(contested.size(), from + inFlight));
      List<Boolean> answers =
          requests.answered(
              () -> statements.wereOccupied(session, some),
              refusal -> CassandraErrors.refusedWrite(plan.table(), refusal));
      for (int row = 0; row < some.size(); row++) {
        some.get(row).resolve(answers.get(row));
      }
    }
  }

  private void send(
      Statements statements, Map<List<Object>, CassandraRow> window, CassandraWrites writes)
      throws InterruptedException {
    if (plan.key() == plan.partitionKey()) {
      // A row that was deleted and written again is never seen without either.
      for (CassandraRow row : window.values()) {
        List<BatchableStatement<?>> own = statements.of(row);
        send(Statements.together(own), own.stream().mapToInt(statements::bytes).sum(), writes);
      }
      return;
    }
    Map<List<Object>, List<BatchableStatement<?>>> partitions = new LinkedHashMap<>();
    window.forEach(
        (key, row) ->
            partitions
                .computeIfAbsent(key.subList(0, plan.partitionKey()), each -> new ArrayList<>())
                .addAll(statements.of(row)));
    for (List<BatchableStatement<?>> partition : partitions.values()) {
      int from = 0;
      int bytes = 0;
      for (int to = 0; to < partition.size(); to++) {
        int next = statements.bytes(partition.get(to));
        if (to > from && (to - from >= rowsPerRequest || bytes + next > REQUEST_BYTES)) {
          send(Statements.together(partition.subList(from, to)), bytes, writes);
          from = to;
          bytes = 0;
        }
        bytes += next;
      }
      if (from < partition.size()) {
        send(Statements.together(partition.subList(from, partition.size())), bytes, writes);
      }
    }
  }

  /** A large request goes alone: a server that takes one may not take a hundred of them at once. */
  private static void send(
      com.datastax.oss.driver.api.core.cql.Statement<?> statement,
      int bytes,
      CassandraWrites writes)
      throws InterruptedException {
    if (bytes > REQUEST_BYTES) {
      writes.finish();
    }
    writes.send(statement);
    if (bytes > REQUEST_BYTES) {
      writes.finish();
    }
  }

  /** The statements that store a row. */
  private static final class Statements {

    private final CassandraPlan plan;
    private final DriverContext context;
    private final PreparedStatement insert;
    private final PreparedStatement delete;
    private final PreparedStatement writeTimes;
    private final boolean readsWriteTimes;
    private final List<TypeCodec<Object>> codecs = new ArrayList<>();

    Statements(CqlSession session, CassandraPlan plan) {
      this.plan = plan;
      this.context = session.getContext();
      this.insert = session.prepare(plan.insert());
      this.delete = plan.hasChanges() ? session.prepare(plan.delete()) : null;
      List<String> timed = timedColumns();
      this.readsWriteTimes = !timed.isEmpty();
      this.writeTimes = plan.hasChanges() ? session.prepare(plan.writeTimes(timed)) : null;
      types().forEach(type -> codecs.add(CodecRegistry.DEFAULT.codecFor(type)));
    }

    /** What a statement has in a request. */
    int bytes(BatchableStatement<?> statement) {
      return statement.computeSizeInBytes(context);
    }

    /** The types of the plan's columns. */
    List<DataType> types() {
      List<DataType> types = new ArrayList<>();
      for (int column = 0; column < plan.columns().size(); column++) {
        types.add(insert.getVariableDefinitions().get(column).getType());
      }
      return types;
    }

    /** The columns whose time of writing can be read: none of the key, and no collection. */
    private List<String> timedColumns() {
      List<DataType> types = types();
      List<String> timed = new ArrayList<>();
      for (int column = plan.key(); column < types.size(); column++) {
        DataType type = types.get(column);
        if (!(type instanceof ListType || type instanceof SetType || type instanceof MapType)) {
          timed.add(plan.columns().get(column));
        }
      }
      return timed;
    }

    /** Whether each row's key held a row before the newest write of the contested one. */
    List<Boolean> wereOccupied(CqlSession session, List<CassandraRow> rows) {
      List<CompletionStage<AsyncResultSet>> asked = new ArrayList<>();
      for (CassandraRow row : rows) {
        BoundStatementBuilder bound = writeTimes.boundStatementBuilder();
        for (int column = 0; column < plan.key(); column++) {
          bound = bound.set(column, row.key(column), codecs.get(column));
        }
        asked.add(session.executeAsync(bound.setIdempotence(true).build()));
      }
      List<Boolean> answers = new ArrayList<>();
      for (int row = 0; row < rows.size(); row++) {
        Row found = answer(asked.get(row)).one();
        answers.add(found != null && isOlder(found, rows.get(row).contestedAt()));
      }
      return answers;
    }

    /** The driver's own exceptions, not wrapped, so that those that pass are told from refusals. */
    private static AsyncResultSet answer(CompletionStage<AsyncResultSet> asked) {
      try {
        return asked.toCompletableFuture().join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof DriverException failure ? failure : e;
      }
    }

    /** A row all of whose values are null tells no time. */
    private boolean isOlder(Row found, long at) {
      boolean isTimed = false;
      for (int column = 0; readsWriteTimes && column < found.size(); column++) {
        if (!found.isNull(column)) {
          isTimed = true;
          if (found.getLong(column) <= at) {
            return true;
          }
        }
      }
      return !isTimed;
    }

    List<BatchableStatement<?>> of(CassandraRow row) {
      List<BatchableStatement<?>> statements = new ArrayList<>(2);
      row.deletedAt().ifPresent(at -> statements.add(delete(row, at)));
      row.writtenAt().ifPresent(at -> statements.add(insert(row, at)));
      return statements;
    }

    private BatchableStatement<?> insert(CassandraRow row, long at) {
      BoundStatementBuilder bound = insert.boundStatementBuilder();
      for (int column = 0; column < plan.columns().size(); column++) {
        Object value = row.value(column);
        if (value != CassandraRow.UNSET) {
          bound = bound.set(column, value, codecs.get(column));
        }
      }
      return bound.setLong(plan.columns().size(), at).setIdempotence(true).build();
    }

    private BatchableStatement<?> delete(CassandraRow row, long at) {
      BoundStatementBuilder bound = delete.boundStatementBuilder().setLong(0, at);
      for (int column = 0; column < plan.key(); column++) {
        bound = bound.set(column + 1, row.key(column), codecs.get(column));
      }
      return bound.setIdempotence(true).build();
    }

    static com.datastax.oss.driver.api.core.cql.Statement<?> together(
        List<BatchableStatement<?>> statements) {
      if (statements.size() == 1) {
        return statements.get(0);
      }
      BatchStatementBuilder batch = BatchStatement.builder(DefaultBatchType.UNLOGGED);
      statements.forEach(batch::addStatement);
      return batch.setIdempotence(true).build();
    }
  }
}
