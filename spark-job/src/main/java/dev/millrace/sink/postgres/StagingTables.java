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

  static StagingTables of(PostgresAccess access, UUID run) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(access.table().getBytes(StandardCharsets.UTF_8));
      String ofTable = "millrace_staging_%s_".formatted(HexFormat.of().formatHex(hash, 0, 6));
      return new StagingTables(
          access.schema(), ofTable, ofTable + run.toString().substring(0, 8) + "_");
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
