package dev.millrace.sink.cassandra;

import com.datastax.oss.driver.api.core.CqlIdentifier;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition.CassandraSink;
import dev.millrace.config.SinkDefinition.CassandraSink.ClusteringColumn;
import dev.millrace.event.ChangeColumns;
import dev.millrace.sink.StoredColumns;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.StructType;

/**
 * What of an output's rows becomes what of a table. Pure, serializable.
 *
 * <p>Rows that have a column {@code op} that is not part of the key are changes: an insert or
 * update writes the row, a delete removes it. What every relation reports about a change ({@code
 * op}, {@code lsn}, {@code topic}, ...) is then not stored, but is what the writes are ordered by.
 *
 * @param schema of the output's rows
 * @param columns those that are stored, the primary key first
 * @param partitionKey how many of them are the partition key
 * @param key how many of them are the primary key
 */
record CassandraPlan(
    StructType schema,
    String output,
    String keyspaceName,
    String tableName,
    List<String> columns,
    int partitionKey,
    int key,
    boolean hasChanges)
    implements Serializable {

  CassandraPlan {
    columns = new ArrayList<>(columns);
  }

  /** The plan for a table of the key that the output and the sink name. */
  static CassandraPlan of(CassandraSink sink, OutputDefinition output, StructType schema) {
    List<String> key = new ArrayList<>(output.key());
    sink.clustering().stream().map(ClusteringColumn::name).forEach(key::add);
    return of(sink, output, schema, key, output.key().size());
  }

  /** The plan for a table of another key. */
  static CassandraPlan of(
      CassandraSink sink,
      OutputDefinition output,
      StructType schema,
      List<String> key,
      int partitionKey) {
    Set<String> columns = new LinkedHashSet<>(key);
    Arrays.stream(schema.fieldNames()).filter(StoredColumns::isStored).forEach(columns::add);
    boolean hasChanges =
        !key.contains(ChangeColumns.OP)
            && Arrays.asList(schema.fieldNames()).contains(ChangeColumns.OP);
    return new CassandraPlan(
        schema,
        output.name(),
        sink.keyspace(),
        sink.table(),
        List.copyOf(columns),
        partitionKey,
        key.size(),
        hasChanges);
  }

  /** {@code keyspace.table}, for messages. */
  String table() {
    return keyspaceName + "." + tableName;
  }

  List<String> primaryKey() {
    return columns.subList(0, key);
  }

  /** Where a column is in the rows; -1 where they have none. */
  int ordinal(String column) {
    return Arrays.asList(schema.fieldNames()).indexOf(column);
  }

  /** Writes one row: its columns in order, then the timestamp. */
  String insert() {
    return "INSERT INTO %s (%s) VALUES (%s) USING TIMESTAMP ?"
        .formatted(
            quotedTable(),
            columns.stream().map(CassandraPlan::quoted).collect(Collectors.joining(", ")),
            columns.stream().map(column -> "?").collect(Collectors.joining(", ")));
  }

  /** Removes one row: the timestamp, then its key. */
  String delete() {
    return "DELETE FROM %s USING TIMESTAMP ? WHERE %s".formatted(quotedTable(), keyCondition());
  }

  private String keyCondition() {
    return primaryKey().stream()
        .map(column -> quoted(column) + " = ?")
        .collect(Collectors.joining(" AND "));
  }

  /**
   * Reads when the values of a row were written, of these columns; no row where there is none. Its
   * only variables are the key.
   */
  String writeTimes(List<String> ofColumns) {
    return "SELECT %s FROM %s WHERE %s"
        .formatted(
            ofColumns.isEmpty()
                ? quoted(columns.get(0))
                : ofColumns.stream()
                    .map(column -> "WRITETIME(" + quoted(column) + ")")
                    .collect(Collectors.joining(", ")),
            quotedTable(),
            keyCondition());
  }

  String quotedTable() {
    return quoted(keyspaceName) + "." + quoted(tableName);
  }

  /** A name as CQL takes it. */
  static String quoted(String name) {
    return CqlIdentifier.fromInternal(name).asCql(true);
  }
}
