package dev.millrace.sink.postgres;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/**
 * The names of the tables in which tasks leave their rows, in the schema of the table that they are
 * for: {@code millrace_staging_TABLE_RUN_...}, the table and the run as hexadecimal digits.
 *
 * @param ofTable what those of all runs begin with
 * @param ofRun what those of this run begin with
 */
record StagingTables(String schema, String ofTable, String ofRun) {

  /** Postgres' {@code NAMEDATALEN}, without the end. */
  private static final int MAX_NAME_BYTES = 63;

  static StagingTables of(PostgresAccess access, UUID run) {
    String ofTable = "millrace_staging_%s_".formatted(hash(access.table()));
    return new StagingTables(
        access.schema(), ofTable, ofTable + run.toString().substring(0, 8) + "_");
  }

  /** A table's name behind a prefix, as hexadecimal digits where both are longer than a name. */
  static String named(String prefix, String table) {
    String name = prefix + table;
    return name.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES
        ? name
        : prefix + hash(table);
  }

  private static String hash(String table) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(table.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Drops those of all runs, within a transaction. */
  void dropAll(Connection connection) throws SQLException {
    List<List<Object>> left =
        Queries.rows(
            connection,
            """
            SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relkind = 'r' AND starts_with(c.relname::text, ?)
            """,
            schema,
            ofTable);
    for (List<Object> table : left) {
      Queries.execute(
          connection,
          "DROP TABLE %s.%s"
              .formatted(PostgresPlan.quoted(schema), PostgresPlan.quoted((String) table.get(0))));
    }
  }
}
