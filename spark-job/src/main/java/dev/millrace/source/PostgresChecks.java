package dev.millrace.source;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.PostgresDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.error.PostgresErrors;
import dev.millrace.error.PostgresFinding;
import dev.millrace.event.PostgresTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What of a database makes the changes of a table incomplete, or something else than a pipeline
 * takes them for. Reads Postgres' catalogue only, which every user may; from version 15 on. Driver
 * only.
 */
public final class PostgresChecks {

  private static final String TABLE =
      """
      SELECT c.relkind, c.relpersistence, c.relispartition,
             coalesce(pg_partition_root(c.oid)::regclass::text, '')
      FROM pg_class c WHERE c.oid = to_regclass(?) AND c.relkind IN ('r', 'p')
      """;

  /** The columns of the replica identity, in the order of the key or of the index. */
  private static final String IDENTITY =
      """
      SELECT a.attname
      FROM pg_class c
      JOIN pg_index i ON i.indrelid = c.oid
       AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident END
      CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
      WHERE c.oid = to_regclass(?)
      ORDER BY k.place
      """;

  private static final String CHILDREN =
      """
      SELECT i.inhrelid::regclass::text
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent
      WHERE i.inhparent = to_regclass(?) AND c.relkind = 'r'
      ORDER BY 1
      """;

  /** The publications that have a table, or one of its partitions. */
  private static final String PUBLICATIONS =
      """
      SELECT p.pubname, p.pubviaroot, t.relid = to_regclass(?) AS is_table,
             p.pubinsert, p.pubupdate, p.pubdelete, l.rowfilter, l.attnames::text[]
      FROM pg_publication p
      CROSS JOIN LATERAL pg_get_publication_tables(p.pubname) AS t
      JOIN pg_class c ON c.oid = t.relid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_publication_tables l
        ON l.pubname = p.pubname AND l.schemaname = n.nspname AND l.tablename = c.relname
      WHERE t.relid = to_regclass(?)
         OR t.relid IN (SELECT relid FROM pg_partition_tree(to_regclass(?)))
         OR t.relid IN (SELECT relid FROM pg_partition_ancestors(to_regclass(?)))
      ORDER BY 3 DESC, 1
      """;

  private static final String ENUM_DOMAINS =
      """
      SELECT d.oid::regtype::text, b.oid::regtype::text
      FROM pg_type d JOIN pg_type b ON b.oid = d.typbasetype
      WHERE d.typtype = 'd' AND b.typtype = 'e'
      ORDER BY 1
      """;

  private static final String SLOT =
      """
      SELECT active, coalesce(wal_status, ''),
             pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))
      FROM pg_replication_slots WHERE slot_name = ?
      """;

  private final Connection connection;
  private final PostgresDefinition source;

  /** The table as SQL spells it. */
  private final String relation;

  private final List<PostgresFinding> findings = new ArrayList<>();

  private PostgresChecks(Connection connection, PostgresDefinition source) {
    this.connection = connection;
    this.source = source;
    this.relation = PostgresSample.quoted(source.table());
  }

  /**
   * Looks at a table that a pipeline reads, by the columns, key and replica identity that it
   * declares.
   *
   * @return what was found, wrong data first; none where all is well
   * @throws SQLException where the database can't be read
   */
  public static List<PostgresFinding> of(PostgresDefinition source, TableDefinition declared)
      throws SQLException {
    return of(source, Optional.of(declared));
  }

  /** The same of a table that no pipeline declares yet. */
  public static List<PostgresFinding> of(PostgresDefinition source) throws SQLException {
    return of(source, Optional.empty());
  }

  private static List<PostgresFinding> of(
      PostgresDefinition source, Optional<TableDefinition> declared) throws SQLException {
    try (Connection connection =
        PostgresSample.connect(source.url(), source.user(), source.password())) {
      PostgresChecks checks = new PostgresChecks(connection, source);
      checks.look(declared);
      return checks.findings.stream()
          .sorted((one, other) -> Boolean.compare(other.isWrongData(), one.isWrongData()))
          .toList();
    }
  }

  private void look(Optional<TableDefinition> declared) throws SQLException {
    checkWalLevel();
    List<List<String>> found = rows(TABLE, relation);
    if (found.isEmpty()) {
      findings.add(PostgresErrors.missingTable(source.table()));
      return;
    }
    boolean isPartitioned = found.get(0).get(0).equals("p");
    if (found.get(0).get(1).equals("u")) {
      findings.add(PostgresErrors.unlogged(source.table()));
    }
    List<String> children = first(rows(CHILDREN, relation));
    if (!children.isEmpty()) {
      findings.add(PostgresErrors.children(source.table(), children));
    }
    Set<String> fields =
        declared
            .map(
                table ->
                    table.columns().stream()
                        .map(ColumnDefinition::from)
                        .collect(Collectors.toUnmodifiableSet()))
            .orElse(Set.of());
    Predicate<String> isRead = column -> declared.isEmpty() || fields.contains(column);
    String identity = PostgresSample.replicaIdentity(connection, relation);
    checkIdentity(identity, declared);
    checkColumns(identity, isRead);
    checkPublication(isPartitioned, found.get(0).get(3), fields);
    for (List<String> domain : rows(ENUM_DOMAINS)) {
      findings.add(PostgresErrors.enumDomain(domain.get(0), domain.get(1)));
    }
    if (source.slot().isPresent()) {
      checkSlot(source.slot().get());
    }
  }

  private void checkWalLevel() throws SQLException {
    String level = rows("SHOW wal_level").get(0).get(0);
    if (!level.equals("logical")) {
      findings.add(PostgresErrors.walLevel(level));
    }
  }

  private void checkIdentity(String identity, Optional<TableDefinition> declared)
      throws SQLException {
    boolean isWhole = identity.equals("full");
    List<String> columns = first(rows(IDENTITY, relation));
    if (!isWhole && columns.isEmpty()) {
      findings.add(PostgresErrors.noIdentity(source.table()));
      return;
    }
    if (declared.isEmpty()) {
      return;
    }
    TableDefinition table = declared.get();
    boolean isDeclaredWhole = table.replicaIdentity().hasWholeRow();
    if (isDeclaredWhole && !isWhole) {
      findings.add(PostgresErrors.inventedRows(source.table(), identity));
    } else if (!isDeclaredWhole && isWhole) {
      findings.add(
          PostgresErrors.wholeRowsIgnored(source.table(), table.replicaIdentity().spelling()));
    }
    List<String> outside =
        table.columns().stream()
            .filter(column -> table.key().contains(column.name()))
            .map(ColumnDefinition::from)
            .filter(column -> !columns.contains(column))
            .toList();
    if (!isWhole && !outside.isEmpty()) {
      findings.add(PostgresErrors.keyOutsideIdentity(source.table(), outside, columns));
    }
  }

  private void checkColumns(String identity, Predicate<String> isRead) throws SQLException {
    for (PostgresTable.Column column : PostgresSample.columns(connection, relation)) {
      if (!isRead.test(column.name())) {
        continue;
      }
      if (column.isGenerated()) {
        findings.add(PostgresErrors.generatedColumn(source.table(), column.name()));
      }
      if (column.type().equals("name")) {
        findings.add(PostgresErrors.nameColumn(source.table(), column.name()));
      }
      if (column.isNullWhenUnchanged() && !identity.equals("full")) {
        findings.add(PostgresErrors.unchangedAsNull(source.table(), column.name(), column.type()));
      }
    }
  }

  private void checkPublication(boolean isPartitioned, String root, Set<String> fields)
      throws SQLException {
    Optional<String> name = source.publication();
    if (name.isPresent()
        && rows("SELECT pubname FROM pg_publication WHERE pubname = ?", name.get()).isEmpty()) {
      findings.add(PostgresErrors.missingPublication(name.get()));
      return;
    }
    List<List<String>> publications =
        rows(PUBLICATIONS, relation, relation, relation, relation).stream()
            .filter(publication -> name.isEmpty() || publication.get(0).equals(name.get()))
            .toList();
    String place = name.map(each -> "publication " + each).orElse("any publication");
    if (publications.isEmpty()) {
      findings.add(PostgresErrors.notPublished(source.table(), place));
      return;
    }
    List<String> publication = publications.get(0);
    boolean isTable = publication.get(2).equals("t");
    if (!isTable && isPartitioned) {
      findings.add(PostgresErrors.notViaRoot(source.table(), publication.get(0)));
    } else if (!isTable) {
      findings.add(PostgresErrors.viaRoot(source.table(), root, publication.get(0)));
    }
    List<String> operations = new ArrayList<>();
    List<String> names = List.of("insert", "update", "delete");
    for (int i = 0; i < names.size(); i++) {
      if (publication.get(3 + i).equals("f")) {
        operations.add(names.get(i));
      }
    }
    if (!operations.isEmpty()) {
      findings.add(PostgresErrors.operationsLeftOut(publication.get(0), operations));
    }
    if (isTable && publication.get(6) != null) {
      findings.add(
          PostgresErrors.rowFilter(source.table(), publication.get(0), publication.get(6)));
    }
    if (isTable) {
      checkColumnsOf(publication.get(0), fields);
    }
  }

  /** A generated column is in no publication; that has a finding of its own. */
  private void checkColumnsOf(String publication, Set<String> fields) throws SQLException {
    List<String> leftOut =
        first(
            rows(
                """
                SELECT a.attname
                FROM pg_attribute a
                WHERE a.attrelid = to_regclass(?) AND a.attnum > 0 AND NOT a.attisdropped
                  AND a.attgenerated = ''
                  AND a.attname NOT IN (
                    SELECT unnest(t.attnames) FROM pg_publication_tables t
                    JOIN pg_namespace n ON n.nspname = t.schemaname
                    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
                    WHERE t.pubname = ? AND c.oid = a.attrelid)
                ORDER BY a.attnum
                """,
                relation,
                publication));
    List<String> read =
        leftOut.stream().filter(column -> fields.isEmpty() || fields.contains(column)).toList();
    if (!read.isEmpty()) {
      findings.add(PostgresErrors.columnsLeftOut(source.table(), publication, read));
    }
  }

  private void checkSlot(String slot) throws SQLException {
    List<List<String>> found = rows(SLOT, slot);
    if (found.isEmpty()) {
      findings.add(PostgresErrors.missingSlot(slot));
    } else if (found.get(0).get(1).equals("lost")) {
      findings.add(PostgresErrors.lostSlot(slot, found.get(0).get(1)));
    } else if (found.get(0).get(0).equals("f")) {
      findings.add(PostgresErrors.inactiveSlot(slot, found.get(0).get(2)));
    }
  }

  private static List<String> first(List<List<String>> rows) {
    return rows.stream().map(row -> row.get(0)).toList();
  }

  private List<List<String>> rows(String query, String... parameters) throws SQLException {
    List<List<String>> rows = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      try (ResultSet found = statement.executeQuery()) {
        while (found.next()) {
          List<String> row = new ArrayList<>();
          for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
            row.add(found.getString(i));
          }
          rows.add(row);
        }
      }
    }
    return rows;
  }
}
