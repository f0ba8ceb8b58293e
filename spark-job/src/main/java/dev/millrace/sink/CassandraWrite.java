package dev.millrace.sink;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.BatchStatement;
import com.datastax.oss.driver.api.core.cql.BatchStatementBuilder;
import com.datastax.oss.driver.api.core.cql.BatchableStatement;
import com.datastax.oss.driver.api.core.cql.BoundStatementBuilder;
import com.datastax.oss.driver.api.core.cql.DefaultBatchType;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.type.codec.TypeCodec;
import com.datastax.oss.driver.api.core.type.codec.registry.CodecRegistry;
import dev.millrace.cassandra.CassandraSessions;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Writes the rows of one task, and returns when all are stored. Runs on executors.
 *
 * <p>Rows are taken a few thousand at a time; those of one key come to one write. Every write has
 * the timestamp of its change, so neither the order in which writes arrive nor how often they are
 * sent makes a difference. Rows of one partition go in one request.
 *
 * @param began when the batch began, microseconds since 1970
 */
record CassandraWrite(
    Broadcast<CassandraSessions> sessions,
    CassandraPlan plan,
    boolean isTruncateSkipped,
    int inFlight,
    int rowsPerRequest,
    Duration patience,
    String place,
    long began)
    implements FlatMapFunction<Iterator<InternalRow>, Integer>, Serializable {

  private static final int WINDOW = 8_192;

  @Override
  public Iterator<Integer> call(Iterator<InternalRow> rows) throws InterruptedException {
    if (!rows.hasNext()) {
      return List.<Integer>of().iterator();
    }
    CqlSession session = sessions.value().session();
    Statements statements = new Statements(session, plan);
    CassandraChanges changes =
        new CassandraChanges(plan, statements.types(), isTruncateSkipped, began);
    CassandraWrites writes = new CassandraWrites(session, plan.table(), place, inFlight, patience);
    Map<List<Object>, CassandraRow> window = new LinkedHashMap<>();
    while (rows.hasNext()) {
      changes.apply(rows.next(), window);
      if (window.size() >= WINDOW || !rows.hasNext()) {
        send(statements, window, writes);
        window.clear();
      }
    }
    writes.finish();
    return List.<Integer>of().iterator();
  }

  private void send(
      Statements statements, Map<List<Object>, CassandraRow> window, CassandraWrites writes)
      throws InterruptedException {
    if (plan.key() == plan.partitionKey()) {
      for (CassandraRow row : window.values()) {
        for (BatchableStatement<?> statement : statements.of(row)) {
          writes.send(statement);
        }
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
      for (int from = 0; from < partition.size(); from += rowsPerRequest) {
        int to = Math.min(partition.size(), from + rowsPerRequest);
        writes.send(Statements.together(partition.subList(from, to)));
      }
    }
  }

  /** The statements that store a row. */
  private static final class Statements {

    private final CassandraPlan plan;
    private final PreparedStatement insert;
    private final PreparedStatement delete;
    private final List<TypeCodec<Object>> codecs = new ArrayList<>();

    Statements(CqlSession session, CassandraPlan plan) {
      this.plan = plan;
      this.insert = session.prepare(plan.insert());
      this.delete = plan.hasChanges() ? session.prepare(plan.delete()) : null;
      types().forEach(type -> codecs.add(CodecRegistry.DEFAULT.codecFor(type)));
    }

    /** The types of the plan's columns. */
    List<com.datastax.oss.driver.api.core.type.DataType> types() {
      List<com.datastax.oss.driver.api.core.type.DataType> types = new ArrayList<>();
      for (int column = 0; column < plan.columns().size(); column++) {
        types.add(insert.getVariableDefinitions().get(column).getType());
      }
      return types;
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
