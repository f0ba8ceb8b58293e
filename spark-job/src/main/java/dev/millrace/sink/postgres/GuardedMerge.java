package dev.millrace.sink.postgres;

import dev.millrace.config.SinkDefinition.PostgresSink.Guard;
import dev.millrace.sink.postgres.ChangeFold.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.types.StructField;

/**
 * The statements that apply the lines of a {@link ChangeFold} to a table. Each line is compared
 * with the newest change that is known of its key: an older one, and one that was sent again, is
 * left out. Pure.
 *
 * <p>What is known is in columns of the table or, where the table is not to have them and of keys
 * without a row, in a table next to it:
 *
 * <pre>
 *   KEY...  millrace_partition  millrace_offset  millrace_lsn  millrace_tx  deleted_at  refused_batch
 *   7       0                   120              901                                                    has a row
 *   8       0                   130              905           77                                       has a row, created by transaction 77 over an older one
 *   9       1                    80              906                        10:15                       was deleted
 *   10      1                    81              907                        10:15       12              an update in batch 12 lacked values
 * </pre>
 */
record GuardedMerge(PostgresPlan plan, Duration tombstoneRetention) {

  private static final String DELETED = "millrace_deleted_";
  private static final String POSITIONS = "millrace_positions_";

  private static final String POSITION = PostgresPlan.names(names(PostgresPlan.POSITION));
  private static final String WRITES = operations(Operation.WRITE, Operation.WRITE_OVER);
  private static final String LIVE =
      operations(Operation.WRITE, Operation.WRITE_OVER, Operation.UPDATE);
  private static final String REMOVALS = operations(Operation.DELETE, Operation.UNKNOWN);

  /** The name of the table next to a target, without its schema. */
  static String sideTable(String table, Guard guard) {
    return StagingTables.named(guard == Guard.SIDE_TABLE ? POSITIONS : DELETED, table);
  }

  /** All names that {@link #sideTable} may give. */
  static List<String> sideTables(String table) {
    return Stream.of(Guard.COLUMN, Guard.SIDE_TABLE).map(guard -> sideTable(table, guard)).toList();
  }

  String sideTable() {
    return PostgresPlan.quoted(plan.schemaName())
        + "."
        + PostgresPlan.quoted(sideTable(plan.tableName(), plan.guard()));
  }

  /** Creates the table next to the target. */
  List<String> createSideTable() {
    String key = PostgresPlan.names(plan.key());
    return List.of(
        """
        CREATE TABLE %s AS SELECT %s, 0::integer AS millrace_partition, 0::bigint AS millrace_offset,
          0::bigint AS millrace_lsn, 0::bigint AS millrace_tx, now() AS deleted_at, 0::bigint AS refused_batch
        FROM %s WITH NO DATA"""
            .formatted(sideTable(), key, plan.table()),
        "ALTER TABLE %s ADD PRIMARY KEY (%s)".formatted(sideTable(), key),
        "CREATE INDEX ON %s (deleted_at) WHERE deleted_at IS NOT NULL".formatted(sideTable()));
  }

  /** The statements for the lines of one source, which changes the source, too. */
  List<String> statements(StagedRows lines, long batch) {
    String source = lines.table();
    List<String> statements = new ArrayList<>();
    for (String guard : guards()) {
      statements.add(deleteOutdated(source, guard));
      if (lines.hasSnapshotRows()) {
        statements.add(keepLsn(source, guard));
      }
    }
    if (lines.has(Operation.CONTESTED)) {
      statements.add(settleContested(source));
    }
    if (lines.has(Operation.DELETE)) {
      statements.add(passOverDeletes(source));
    }
    if (lines.has(Operation.UPDATE) || lines.has(Operation.UNKNOWN)) {
      statements.addAll(refuse(source, batch));
    }
    if (lines.has(Operation.WRITE) || lines.has(Operation.WRITE_OVER)) {
      statements.add(noteOccupied(source));
    }
    if (lines.has(Operation.DELETE)
        || lines.has(Operation.CONTESTED)
        || lines.has(Operation.UPDATE)
        || lines.has(Operation.UNKNOWN)) {
      statements.add(
          "DELETE FROM %s AS t USING %s AS s WHERE %s AND %s"
              .formatted(plan.table(), source, REMOVALS, onKey("t")));
      statements.add(
          note(source, "NULL::bigint, now(), NULL::bigint", operations(Operation.DELETE)));
    }
    if (lines.has(Operation.WRITE)
        || lines.has(Operation.WRITE_OVER)
        || lines.has(Operation.CONTESTED)) {
      statements.add(write(source));
    }
    if (lines.has(Operation.UPDATE)) {
      update(source).ifPresent(statements::add);
    }
    statements.add(plan.guard() == Guard.COLUMN ? forget(source) : notePositions(source));
    return statements;
  }

  /** Forgets the keys that were deleted before the retention began. */
  String forgetTombstones() {
    return "DELETE FROM %s WHERE deleted_at < now() - make_interval(secs => %d)"
        .formatted(sideTable(), tombstoneRetention.toSeconds());
  }

  /**
   * Partition and offset of the changes of a batch that lacked values; its parameter is the batch.
   */
  String refused() {
    return "SELECT millrace_partition, millrace_offset FROM %s WHERE refused_batch = ?"
        .formatted(sideTable());
  }

  /** Changes that are older than what is known of their key, or the same. */
  private String deleteOutdated(String source, String guard) {
    return """
        DELETE FROM %s AS s USING %s AS g WHERE %s
          AND (s.millrace_partition = g.millrace_partition AND s.millrace_offset <= g.millrace_offset
            OR s.millrace_snapshot_lsn IS NULL AND s.millrace_lsn <= g.millrace_lsn)"""
        .formatted(source, guard, onKey("g"));
  }

  /** A row of a snapshot does not raise the LSN; one of a server that was restored clears it. */
  private String keepLsn(String source, String guard) {
    return """
        UPDATE %s AS s SET millrace_lsn = CASE WHEN s.millrace_snapshot_lsn < g.millrace_lsn
          THEN s.millrace_lsn ELSE greatest(s.millrace_lsn, g.millrace_lsn) END
        FROM %s AS g WHERE %s AND s.millrace_snapshot_lsn IS NOT NULL AND g.millrace_lsn IS NOT NULL"""
        .formatted(source, guard, onKey("g"));
  }

  private String settleContested(String source) {
    return """
        UPDATE %s AS s SET %s = CASE WHEN %s
          THEN '%s'::"char" ELSE '%s'::"char" END WHERE %s"""
        .formatted(
            source,
            PostgresPlan.quoted(PostgresPlan.OPERATION),
            isOccupied(),
            Operation.WRITE.letter,
            Operation.DELETE.letter,
            operations(Operation.CONTESTED));
  }

  /** Whether the source's table has a row of the key; the target may lack one that was refused. */
  private String isOccupied() {
    return "((EXISTS (SELECT 1 FROM %s AS t WHERE %s) OR EXISTS (SELECT 1 FROM %s AS d WHERE %s AND d.refused_batch IS NOT NULL)) AND %s)"
        .formatted(plan.table(), onKey("t"), sideTable(), onKey("d"), isNotDeleted());
  }

  /**
   * Whether the row that the target has is not removed by the delete that is the first change of a
   * line: it was that of an older row, or was sent again.
   */
  private String isNotDeleted() {
    String isKnown =
        guards().stream()
            .map(
                guard ->
                    "EXISTS (SELECT 1 FROM %s AS g WHERE %s AND g.millrace_lsn >= s.millrace_first_delete_lsn)"
                        .formatted(guard, onKey("g")))
            .collect(Collectors.joining(" OR "));
    return "(s.millrace_first_delete_tx IS NULL OR %s OR EXISTS (SELECT 1 FROM %s AS d WHERE %s AND d.millrace_tx = s.millrace_first_delete_tx AND d.deleted_at IS NULL))"
        .formatted(isKnown, sideTable(), onKey("d"));
  }

  /** The tables that have positions. */
  private List<String> guards() {
    return plan.guard() == Guard.COLUMN ? List.of(plan.table(), sideTable()) : List.of(sideTable());
  }

  /** A delete of the transaction that created the row over an older one is the older one's. */
  private String passOverDeletes(String source) {
    String condition =
        "%s AND d.millrace_tx = s.millrace_tx AND d.deleted_at IS NULL AND %s"
            .formatted(onKey("d"), operations(Operation.DELETE));
    return """
        WITH passed AS (
          DELETE FROM %s AS s USING %s AS d WHERE %s
          RETURNING %s, s.millrace_partition, s.millrace_offset, s.millrace_lsn)
        UPDATE %s AS d SET millrace_tx = NULL, millrace_partition = s.millrace_partition,
          millrace_offset = s.millrace_offset, millrace_lsn = s.millrace_lsn
        FROM passed AS s WHERE %s"""
        .formatted(source, sideTable(), condition, each("s.%s"), sideTable(), onKey("d"));
  }

  /** Notes changes that lack values, which no row has. */
  private List<String> refuse(String source, long batch) {
    String lackRow =
        "UPDATE %s AS s SET %s = '%s' WHERE %s AND NOT (EXISTS (SELECT 1 FROM %s AS t WHERE %s) AND %s)"
            .formatted(
                source,
                PostgresPlan.quoted(PostgresPlan.OPERATION),
                Operation.UNKNOWN.letter,
                operations(Operation.UPDATE),
                plan.table(),
                onKey("t"),
                isNotDeleted());
    return List.of(
        lackRow,
        note(source, "NULL::bigint, now(), %d".formatted(batch), operations(Operation.UNKNOWN)));
  }

  private String noteOccupied(String source) {
    String condition =
        "(%s OR %s AND s.millrace_tx IS NOT NULL AND %s)"
            .formatted(operations(Operation.WRITE_OVER), operations(Operation.WRITE), isOccupied());
    return note(source, "s.millrace_tx, NULL::timestamptz, NULL::bigint", condition);
  }

  /** Writes what is known of the keys of some lines into the table next to the target. */
  private String note(String source, String others, String condition) {
    String columns = POSITION + ", millrace_tx, deleted_at, refused_batch";
    return "INSERT INTO %s (%s, %s) SELECT %s, %s, %s FROM %s AS s WHERE %s ON CONFLICT (%s) DO UPDATE SET %s"
        .formatted(
            sideTable(),
            PostgresPlan.names(plan.key()),
            columns,
            each("s.%s"),
            positionOf("s"),
            others,
            source,
            condition,
            PostgresPlan.names(plan.key()),
            Arrays.stream(columns.split(", ", -1))
                .map(name -> name + " = excluded." + name)
                .collect(Collectors.joining(", ")));
  }

  private String write(String source) {
    List<String> all = names(plan.columnsOfTable());
    return "INSERT INTO %s (%s) SELECT %s FROM %s AS s WHERE %s%s"
        .formatted(
            plan.table(),
            PostgresPlan.names(all),
            PostgresPlan.names(all),
            source,
            WRITES,
            plan.onConflict());
  }

  /** Empty where the table has no columns but its key. */
  private Optional<String> update(String source) {
    List<String> stored = names(plan.stored());
    List<String> assignments = new ArrayList<>();
    for (int i = 0; i < stored.size(); i++) {
      if (!plan.key().contains(stored.get(i))) {
        assignments.add(
            "%1$s = CASE WHEN strpos(s.millrace_unset, ',%2$d,') > 0 THEN t.%1$s ELSE s.%1$s END"
                .formatted(PostgresPlan.quoted(stored.get(i)), i));
      }
    }
    if (plan.guard() == Guard.COLUMN) {
      names(PostgresPlan.POSITION).stream()
          .map(name -> "%1$s = s.%1$s".formatted(PostgresPlan.quoted(name)))
          .forEach(assignments::add);
    }
    return assignments.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "UPDATE %s AS t SET %s FROM %s AS s WHERE %s AND %s"
                .formatted(
                    plan.table(),
                    String.join(", ", assignments),
                    source,
                    operations(Operation.UPDATE),
                    onKey("t")));
  }

  /** Keys that have a row, whose position is in the row; not what this batch has noted. */
  private String forget(String source) {
    return """
        DELETE FROM %s AS d USING %s AS s WHERE %s AND %s
          AND (d.millrace_partition, d.millrace_offset) <> (s.millrace_partition, s.millrace_offset)"""
        .formatted(sideTable(), source, onKey("d"), LIVE);
  }

  /** Of keys that have a row; what this batch has noted of them stays. */
  private String notePositions(String source) {
    return """
        INSERT INTO %s AS d (%s, %s) SELECT %s, %s FROM %s AS s WHERE %s
        ON CONFLICT (%s) DO UPDATE SET
          millrace_tx = CASE WHEN (d.millrace_partition, d.millrace_offset)
            = (excluded.millrace_partition, excluded.millrace_offset) THEN d.millrace_tx END,
          millrace_partition = excluded.millrace_partition, millrace_offset = excluded.millrace_offset,
          millrace_lsn = excluded.millrace_lsn, deleted_at = NULL, refused_batch = NULL"""
        .formatted(
            sideTable(),
            PostgresPlan.names(plan.key()),
            POSITION,
            each("s.%s"),
            positionOf("s"),
            source,
            LIVE,
            PostgresPlan.names(plan.key()));
  }

  private String onKey(String relation) {
    return each(relation + ".%1$s = s.%1$s", " AND ");
  }

  private String each(String form) {
    return each(form, ", ");
  }

  private String each(String form, String separator) {
    Function<String, String> formatted = name -> form.formatted(PostgresPlan.quoted(name));
    return plan.key().stream().map(formatted).collect(Collectors.joining(separator));
  }

  private static String positionOf(String relation) {
    return names(PostgresPlan.POSITION).stream()
        .map(name -> relation + "." + PostgresPlan.quoted(name))
        .collect(Collectors.joining(", "));
  }

  private static List<String> names(List<StructField> fields) {
    return fields.stream().map(StructField::name).toList();
  }

  /** A condition on the lines of a source, {@code s}. */
  private static String operations(Operation... which) {
    return Arrays.stream(which)
        .map(operation -> "'" + operation.letter + "'")
        .collect(
            Collectors.joining(
                ", ", "s." + PostgresPlan.quoted(PostgresPlan.OPERATION) + " IN (", ")"));
  }
}
