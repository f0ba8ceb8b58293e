package dev.millrace.config;

import java.util.Optional;

/**
 * The database behind a topic of changes. A run never reads its rows: it checks at its start that
 * what Postgres sends is what the pipeline expects.
 *
 * @param url of JDBC, without a password
 * @param table with its schema: {@code public.orders}
 * @param publication that the connector reads; empty where any that has the table will do
 * @param slot that the connector reads; empty where it is not checked
 */
public record PostgresDefinition(
    String url,
    String user,
    String password,
    String table,
    Optional<String> publication,
    Optional<String> slot) {

  /** The table and where it is; without the password. */
  @Override
  public String toString() {
    return table + " at " + url + " as " + user;
  }
}
