package dev.millrace.pipeline;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.ColumnDefinition;
import com.datastax.oss.driver.api.core.cql.Row;
import dev.millrace.stack.LocalStack;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tables in Cassandra, read and written by the plain driver. */
public record CassandraTables(LocalStack stack) {

  /** The tables of the stack's Cassandra, which is started where it is not there yet. */
  public static CassandraTables of(LocalStack stack) {
    stack.addCassandra();
    return new CassandraTables(stack);
  }

  /** The rows of a query, by column; values that are null are left out. */
  public List<Map<String, Object>> query(String cql) {
    try (CqlSession session = stack.connectToCassandra()) {
      return session.execute(cql).all().stream().map(CassandraTables::values).toList();
    }
  }

  public void execute(String... statements) {
    try (CqlSession session = stack.connectToCassandra()) {
      for (String statement : statements) {
        session.execute(statement);
      }
    }
  }

  /** A keyspace without tables. */
  public void createKeyspace(String name) {
    execute(
        "CREATE KEYSPACE %s WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}"
            .formatted(name));
  }

  private static Map<String, Object> values(Row row) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (ColumnDefinition column : row.getColumnDefinitions()) {
      Object value = row.getObject(column.getName());
      if (value != null) {
        values.put(column.getName().asInternal(), value);
      }
    }
    return values;
  }
}
