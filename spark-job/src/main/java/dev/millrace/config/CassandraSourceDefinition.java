package dev.millrace.config;

import dev.millrace.config.SinkDefinition.CassandraSink;
import dev.millrace.error.CassandraErrors;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.types.StructField;

/**
 * A table of Cassandra, read as a whole in every run: the relation {@code rows}.
 *
 * @param splits in how many parts the table is read, each by a task
 * @param sample most rows that are shown before
 * @param columns those of the table; none until the table was looked at
 * @param key the names of those that are its primary key, in its order
 */
public record CassandraSourceDefinition(
    CassandraTableName table, int splits, int sample, List<StructField> columns, List<String> key)
    implements SourceDefinition {

  public CassandraSourceDefinition {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
  }

  /** This source with the columns that its table has. */
  public CassandraSourceDefinition with(List<StructField> found, List<String> primaryKey) {
    return new CassandraSourceDefinition(table, splits, sample, found, primaryKey);
  }

  @Override
  public String kind() {
    return "cassandra";
  }

  @Override
  public String place() {
    return table.place();
  }

  @Override
  public Contents contents() {
    return Contents.ROWS;
  }

  @Override
  public boolean isBounded() {
    return true;
  }

  @Override
  public boolean knowsColumns() {
    return !columns.isEmpty();
  }

  @Override
  public Optional<String> objectionToState() {
    return Optional.of(CassandraErrors.readWhole());
  }

  @Override
  public String relationName() {
    return "rows";
  }

  @Override
  public boolean hasTable() {
    return false;
  }

  @Override
  public List<StructField> rowColumns() {
    return columns;
  }

  @Override
  public List<StructField> positionColumns() {
    return List.of();
  }

  @Override
  public Optional<String> objectionTo(SinkDefinition sink) {
    boolean isOwnTable =
        sink instanceof CassandraSink cassandra
            && cassandra.keyspace().equals(table.keyspace())
            && cassandra.table().equals(table.name())
            && cassandra.connection().contactPoints().equals(table.connection().contactPoints());
    return isOwnTable
        ? Optional.of(CassandraErrors.readsItsOwnTable(table.cql()))
        : Optional.empty();
  }
}
