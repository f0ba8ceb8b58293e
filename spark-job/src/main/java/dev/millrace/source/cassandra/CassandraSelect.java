package dev.millrace.source.cassandra;

import com.datastax.oss.driver.api.core.CqlIdentifier;
import com.datastax.oss.driver.api.core.metadata.schema.ColumnMetadata;
import com.datastax.oss.driver.api.core.metadata.schema.RelationMetadata;
import java.io.Serializable;
import java.util.Collection;
import java.util.stream.Collectors;

/**
 * What is asked of a table. Pure; all names as CQL takes them.
 *
 * @param columns comma-separated
 * @param partitionKey comma-separated
 */
record CassandraSelect(String table, String columns, String partitionKey) implements Serializable {

  static CassandraSelect of(RelationMetadata table) {
    return new CassandraSelect(
        table.getKeyspace().asCql(true) + "." + table.getName().asCql(true),
        names(table.getColumns().values()),
        names(table.getPartitionKey()));
  }

  private static String names(Collection<ColumnMetadata> columns) {
    return columns.stream()
        .map(ColumnMetadata::getName)
        .map((CqlIdentifier name) -> name.asCql(true))
        .collect(Collectors.joining(", "));
  }

  /** All rows. */
  String all() {
    return "SELECT " + columns + " FROM " + table;
  }

  /** The rows of a range of tokens: those after the first value, up to the second. */
  String ofRange() {
    return all() + " WHERE token(" + partitionKey + ") > ? AND token(" + partitionKey + ") <= ?";
  }

  /** Some rows, each as text. */
  String sample(int most) {
    return "SELECT JSON " + columns + " FROM " + table + " LIMIT " + most;
  }
}
