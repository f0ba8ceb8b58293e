package dev.millrace.source.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.ColumnDefinitions;
import com.datastax.oss.driver.api.core.cql.ResultSet;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.cql.Statement;
import dev.millrace.cassandra.CassandraRequests;
import dev.millrace.cassandra.SparkValues;
import dev.millrace.error.CassandraErrors;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;

/**
 * The rows of a statement as Spark has them, a page in memory at a time. A page without answer is
 * asked for again. Belongs to one thread.
 */
final class CassandraRows implements Iterator<InternalRow> {

  private final CqlSession session;
  private final CassandraRequests requests;
  private final String table;
  private final Statement<?> statement;
  private final List<SparkValues> values = new ArrayList<>();
  private Iterator<Row> page;
  private ByteBuffer next;

  CassandraRows(
      CqlSession session, CassandraRequests requests, String table, Statement<?> statement) {
    this.session = session;
    this.requests = requests;
    this.table = table;
    this.statement = statement;
  }

  @Override
  public boolean hasNext() {
    while (page == null || (!page.hasNext() && next != null)) {
      ask();
    }
    return page.hasNext();
  }

  private void ask() {
    try {
      ResultSet result =
          requests.answered(
              () -> session.execute(statement.setPagingState(next).setIdempotent(true)),
              refusal -> CassandraErrors.refusedRead(table, refusal));
      if (values.isEmpty()) {
        result
            .getColumnDefinitions()
            .forEach(column -> values.add(SparkValues.from(column.getType())));
      }
      int rows = result.getAvailableWithoutFetching();
      List<Row> read = new ArrayList<>(rows);
      for (int row = 0; row < rows; row++) {
        read.add(result.one());
      }
      page = read.iterator();
      next = result.getExecutionInfo().getPagingState();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CassandraErrors.interrupted(requests.connection().place(), e);
    }
  }

  @Override
  public InternalRow next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Row row = page.next();
    ColumnDefinitions columns = row.getColumnDefinitions();
    Object[] read = new Object[values.size()];
    for (int column = 0; column < read.length; column++) {
      Object value = row.getObject(column);
      try {
        read[column] = value == null ? null : values.get(column).of(value);
      } catch (ArithmeticException e) {
        throw CassandraErrors.unreadableValue(table, columns.get(column).getName().asInternal(), e);
      }
    }
    return new GenericInternalRow(read);
  }
}
