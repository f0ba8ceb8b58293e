package dev.millrace.config;

import java.io.Serializable;

/**
 * A table that is read.
 *
 * @param consistency how many replicas agree on what is read, as a user spells it
 */
public record CassandraTableName(
    CassandraConnection connection, String consistency, String keyspace, String name)
    implements Serializable {

  /** The name as CQL takes it. */
  public String cql() {
    return keyspace + "." + name;
  }

  /** Where it is, for a user to read. */
  public String place() {
    return "table " + cql() + " at " + connection.place();
  }
}
