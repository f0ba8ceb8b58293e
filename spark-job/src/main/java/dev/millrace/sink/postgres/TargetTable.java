package dev.millrace.sink.postgres;

import dev.millrace.config.SinkDefinition.Create;
import dev.millrace.error.PostgresSinkErrors;
import dev.millrace.sink.TableChange;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.types.StructField;

/**
 * The table of a sink: found and compared with the output, or created. Driver only.
 *
 * @param output its name, for messages
 * @param sourceTable the table of Postgres that the pipeline reads, {@code SCHEMA.TABLE}
 */
record TargetTable(
    PostgresAccess access,
    PostgresPlan plan,
    Create create,
    String output,
    Optional<String> sourceTable) {

  /** Postgres' {@code INDEX_MAX_KEYS}. */
  private static final int MAX_KEY_COLUMNS = 32;

  /** Since this version, {@code UNIQUE NULLS NOT DISTINCT}. */
  private static final int NULLS_NOT_DISTINCT = 150_000;

  private static final String COLUMNS =
      """
      SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull,
             a.atthasdef OR a.attidentity <> '', a.attgenerated <> '',
             coalesce(l.collisdeterministic, true)
      FROM pg_attribute a LEFT JOIN pg_collation l ON l.oid = a.attcollation
      WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped
      """;

  /** The columns of each unique key, one in a row; which of them takes nulls for equal. */
  private static final String KEYS =
      """
      SELECT i.indexrelid::bigint, a.attname::text, %s
      FROM pg_index i
      CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
      WHERE i.indrelid = ? AND k.place <= i.indnkeyatts AND i.indisunique AND i.indisvalid
        AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
      """;

  private static final String LOOP =
      """
      SELECT p.pubname::text, NOT EXISTS (
        SELECT 1 FROM pg_publication_rel r WHERE r.prpubid = p.oid AND r.prrelid = ?)
      FROM pg_publication p
      JOIN pg_publication_tables target ON target.pubname = p.pubname
      JOIN pg_publication_tables source ON source.pubname = p.pubname
      WHERE target.schemaname = ? AND target.tablename = ?
        AND source.schemaname = ? AND source.tablename = ?
      ORDER BY 1 LIMIT 1
      """;

  private static final String LACKING_PRIVILEGES =
      """
      SELECT p FROM unnest(?::text[]) AS p WHERE NOT has_table_privilege(?::oid, p)
      UNION ALL SELECT 'CREATE ON SCHEMA' WHERE NOT has_schema_privilege(?, 'CREATE')
      UNION ALL SELECT 'TEMPORARY ON DATABASE'
        WHERE NOT has_database_privilege(current_database(), 'TEMPORARY')
      """;

  private static final String RELATION =
      """
      SELECT c.oid::bigint, c.relkind::text FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ? AND c.relname = ?
      """;

  /**
   * A column as the table has it.
   *
   * @param type as {@code format_type} spells it
   * @param isRequired whether it takes no null
   */
  record Found(
      String type,
      boolean isRequired,
      boolean hasDefault,
      boolean isGenerated,
      boolean isDeterministic) {}

  /**
   * The table that is there now.
   *
   * @param isNew whether it has just been created
   * @param columns by their names
   */
  record Prepared(boolean isNew, Map<String, Found> columns) {}

  /**
   * Finds or creates the table, within a transaction.
   *
   * @param firstBatch the batch that comes next; 0 where nothing was written before
   * @throws dev.millrace.error.UserException where the table is missing and is not to be created,
   *     does not fit, or is part of what the pipeline reads
   */
  Prepared prepare(Connection connection, long firstBatch) throws SQLException {
    int version = requireUsable(connection);
    boolean isNew = relation(connection).isEmpty();
    if (isNew) {
      createIn(connection, firstBatch);
    }
    List<Object> found = relation(connection).orElseThrow();
    Object id = found.get(0);
    String kind = (String) found.get(1);
    if (!kind.equals("r") && !kind.equals("p")) {
      throw PostgresSinkErrors.tableDisagrees(
          access.place(), output, List.of(PostgresSinkErrors.notATable(kind(kind))));
    }
    Map<String, Found> columns = columns(connection, id);
    if (!isNew) {
      List<String> problems = new ArrayList<>(differences(columns));
      keyProblem(columns, keys(connection, id, version)).ifPresent(problems::add);
      if (!problems.isEmpty()) {
        throw PostgresSinkErrors.tableDisagrees(access.place(), output, problems);
      }
    }
    requirePrivileges(connection, id);
    requireNoLoop(connection, id);
    return new Prepared(isNew, columns);
  }

  /**
   * Finds or creates the table next to it that has what is known of keys, within the same
   * transaction.
   *
   * @param isNew whether the target has just been created
   */
  void prepareSideTable(Connection connection, GuardedMerge merge, boolean isNew, long firstBatch)
      throws SQLException {
    String side = merge.sideTable();
    boolean isThere =
        !Queries.rows(connection, "SELECT 1 WHERE to_regclass(?) IS NOT NULL", side).isEmpty();
    if (isThere && !isNew) {
      return;
    }
    if (firstBatch > 0) {
      throw PostgresSinkErrors.lostPositions(access.place(), side, firstBatch);
    }
    if (isThere) {
      // Of a table that was dropped.
      Queries.execute(connection, "DROP TABLE " + side);
    }
    for (String statement : merge.createSideTable()) {
      Queries.execute(connection, statement);
    }
  }

  /** The version of the server, as a number. */
  private int requireUsable(Connection connection) throws SQLException {
    List<Object> settings =
        Queries.rows(
                connection,
                """
                SELECT current_setting('server_version_num')::int, current_setting('server_version'),
                       current_setting('server_encoding'),
                       EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = ?)
                """,
                access.schema())
            .get(0);
    int version = (Integer) settings.get(0);
    if (!settings.get(2).equals("UTF8")) {
      throw PostgresSinkErrors.otherEncoding(access.url(), (String) settings.get(2));
    }
    if (!settings.get(3).equals(true)) {
      throw PostgresSinkErrors.missingSchema(access.schema(), access.url());
    }
    if (plan.key().size() > MAX_KEY_COLUMNS) {
      throw PostgresSinkErrors.longKey(access.place(), plan.key().size(), MAX_KEY_COLUMNS);
    }
    if (plan.hasNullableKey() && version < NULLS_NOT_DISTINCT) {
      throw PostgresSinkErrors.tooOldForNulls(access.place(), plan.key(), (String) settings.get(1));
    }
    return version;
  }

  private Optional<List<Object>> relation(Connection connection) throws SQLException {
    return Queries.rows(connection, RELATION, access.schema(), access.table()).stream().findFirst();
  }

  private void createIn(Connection connection, long firstBatch) throws SQLException {
    if (firstBatch > 0) {
      throw PostgresSinkErrors.lostTable(access.place(), firstBatch);
    }
    if (create == Create.NEVER) {
      throw PostgresSinkErrors.missingTable(access.place(), plan.createTable());
    }
    Queries.execute(connection, plan.createTable());
  }

  private void requirePrivileges(Connection connection, Object id) throws SQLException {
    List<String> lacking =
        Queries.rows(
                connection,
                LACKING_PRIVILEGES,
                plan.change() == TableChange.APPEND
                    ? "{SELECT,INSERT}"
                    : "{SELECT,INSERT,UPDATE,DELETE}",
                id,
                access.schema())
            .stream()
            .map(row -> (String) row.get(0))
            .toList();
    if (!lacking.isEmpty()) {
      throw PostgresSinkErrors.lackingPrivileges(access.place(), access.user(), lacking);
    }
  }

  private static Map<String, Found> columns(Connection connection, Object table)
      throws SQLException {
    Map<String, Found> columns = new LinkedHashMap<>();
    for (List<Object> row : Queries.rows(connection, COLUMNS, table)) {
      columns.put(
          (String) row.get(0),
          new Found(
              (String) row.get(1),
              (Boolean) row.get(2),
              (Boolean) row.get(3),
              (Boolean) row.get(4),
              (Boolean) row.get(5)));
    }
    return columns;
  }

  // ------------------------------------------------------------------ a table that was there

  private List<String> differences(Map<String, Found> columns) {
    List<String> problems = new ArrayList<>();
    Set<String> others = new HashSet<>(columns.keySet());
    for (StructField field : plan.columnsOfTable()) {
      others.remove(field.name());
      Found found = columns.get(field.name());
      if (found == null) {
        problems.add(
            PostgresPlan.POSITION.contains(field)
                ? PostgresSinkErrors.positionMissing(field.name(), plan.addColumn(field))
                : PostgresSinkErrors.columnMissing(field.name(), plan.addColumn(field)));
      } else if (found.isGenerated()) {
        problems.add(PostgresSinkErrors.generated(field.name()));
      } else if (!PostgresTypes.holds(found.type(), field.dataType())) {
        problems.add(
            PostgresSinkErrors.typesDiffer(
                field.name(),
                field.dataType().simpleString(),
                found.type(),
                PostgresTypes.accepted(field.dataType())));
      } else if (plan.key().contains(field.name()) && !found.isDeterministic()) {
        problems.add(PostgresSinkErrors.collation(field.name()));
      }
    }
    columns.forEach(
        (name, found) -> {
          if (others.contains(name)
              && found.isRequired()
              && !found.hasDefault()
              && !found.isGenerated()) {
            problems.add(PostgresSinkErrors.requiredByTable(name));
          }
        });
    return problems;
  }

  /** Unique keys, each with whether it takes nulls for equal. */
  private static Map<Set<String>, Boolean> keys(Connection connection, Object table, int version)
      throws SQLException {
    String areNullsEqual = version < NULLS_NOT_DISTINCT ? "false" : "i.indnullsnotdistinct";
    Map<Object, Set<String>> names = new LinkedHashMap<>();
    Map<Object, Boolean> nulls = new LinkedHashMap<>();
    for (List<Object> row : Queries.rows(connection, KEYS.formatted(areNullsEqual), table)) {
      names.computeIfAbsent(row.get(0), index -> new HashSet<>()).add((String) row.get(1));
      nulls.put(row.get(0), (Boolean) row.get(2));
    }
    Map<Set<String>, Boolean> keys = new LinkedHashMap<>();
    names.forEach((index, columns) -> keys.merge(columns, nulls.get(index), Boolean::logicalOr));
    return keys;
  }

  private Optional<String> keyProblem(
      Map<String, Found> columns, Map<Set<String>, Boolean> uniqueKeys) {
    if (plan.key().isEmpty() || !columns.keySet().containsAll(plan.key())) {
      return Optional.empty();
    }
    Boolean areNullsEqual = uniqueKeys.get(Set.copyOf(plan.key()));
    if (areNullsEqual == null) {
      return Optional.of(PostgresSinkErrors.keyMissing(plan.key(), plan.addConstraint()));
    }
    // A column that takes no null makes dead letters of such rows.
    boolean mayHoldNulls =
        plan.key().stream()
            .anyMatch(
                name -> plan.rows().apply(name).nullable() && !columns.get(name).isRequired());
    return areNullsEqual || !mayHoldNulls
        ? Optional.empty()
        : Optional.of(PostgresSinkErrors.nullsDistinct(plan.key(), plan.addConstraint()));
  }

  private static String kind(String relkind) {
    return switch (relkind) {
      case "v" -> "a view";
      case "m" -> "a materialized view";
      case "f" -> "a foreign table";
      case "i", "I" -> "an index";
      case "S" -> "a sequence";
      default -> "a type";
    };
  }

  // ------------------------------------------------------------------ what the pipeline reads

  /** Looks after the table was created, whose rollback leaves no trace of it. */
  private void requireNoLoop(Connection connection, Object id) throws SQLException {
    if (sourceTable.isEmpty()) {
      return;
    }
    String[] source = sourceTable.get().split("[.]", 2);
    String[] named = source.length == 2 ? source : new String[] {"public", source[0]};
    Optional<List<Object>> publication =
        Queries.rows(connection, LOOP, id, access.schema(), access.table(), named[0], named[1])
            .stream()
            .findFirst();
    if (publication.isPresent()) {
      throw PostgresSinkErrors.loop(
          access.place(),
          (String) publication.get().get(0),
          (Boolean) publication.get().get(1),
          String.join(".", Arrays.asList(named)),
          plan.table());
    }
  }
}
