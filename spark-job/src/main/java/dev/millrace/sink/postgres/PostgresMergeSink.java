package dev.millrace.sink.postgres;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition.OnTruncate;
import dev.millrace.config.SinkDefinition.PostgresSink;
import dev.millrace.error.PostgresSinkErrors;
import dev.millrace.event.OrderColumns;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import dev.millrace.sink.SinkContext;
import dev.millrace.sink.StorageLimit;
import dev.millrace.sink.TableChange;
import dev.millrace.sink.postgres.ChangeFold.Operation;
import java.io.Serializable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.postgresql.copy.CopyIn;

/**
 * A table in Postgres that is a copy of the result, or has the newest row of each key, or the rows
 * that an output has added.
 *
 * <p>A batch is one transaction: its rows, and the mark that tells how far the table is. So any
 * reader sees whole batches, and a batch that the mark covers is not delivered again. The mark also
 * tells which run may write; one that has lost that rolls back.
 *
 * <pre>
 *   tasks     a few rows: to the driver; many: COPY into staging tables of their own, committed
 *   driver    BEGIN
 *             COPY what is at hand into a temporary table of the session
 *             UPDATE millrace_marks SET batch = 7 WHERE owner = this run    no row: rolled back
 *             DELETE and INSERT ... ON CONFLICT, from all of them
 *             DROP the staging tables
 *             COMMIT
 * </pre>
 *
 * <p>Where the connection is lost, the transaction is made again, until the retry timeout expires.
 */
final class PostgresMergeSink implements Sink {

  /** The session's own: it is made once, and empty at the begin of each transaction. */
  private static final String ROWS_AT_HAND = "pg_temp.millrace_rows";

  private final OutputDefinition output;
  private final PostgresSink definition;
  private final SinkContext context;
  private final boolean isView;
  private final PostgresAccess access;
  private final DeliveryMarks marks;
  private final StagingTables staging;
  private final PostgresSession session;
  private String queryId;
  private long firstBatch;
  private PostgresPlan plan;
  private TargetTable.Prepared table;

  /** The last batch that is stored. */
  private long stored = -1;

  /** Whether the next batch is the whole result, and the table has rows of an earlier one. */
  private boolean replacesAll;

  /** Has the temporary table. */
  private Connection connectionWithRows;

  /** Whether changes of the last batch may have needed rows that the table lacks. */
  private boolean mayHaveRefused;

  /** Where a change is in Kafka. */
  private record Position(int partition, long offset) implements Serializable {}

  /**
   * @param isView whether the rows are those that changed in a view
   */
  PostgresMergeSink(OutputDefinition output, SinkContext context, boolean isView) {
    this.output = output;
    this.definition = (PostgresSink) output.sink();
    this.context = context;
    this.isView = isView;
    this.access = PostgresAccess.of(definition);
    UUID run = UUID.randomUUID();
    this.marks = DeliveryMarks.of(access, run);
    this.staging = StagingTables.of(access, run);
    this.session = new PostgresSession(access, context.progress()::say);
  }

  @Override
  public void begin(String id, long first) {
    queryId = id;
    firstBatch = first;
  }

  @Override
  public void prepare(StructType result) throws InterruptedException {
    plan = PostgresPlan.of(output, result, isView);
    TargetTable target =
        new TargetTable(access, plan, definition.create(), output.name(), context.sourceTable());
    session.committed(
        connection -> {
          table = target.prepare(connection, firstBatch);
          Optional<DeliveryMarks.Mark> mark =
              marks.claim(
                  connection,
                  context.pipeline(),
                  output.name(),
                  queryId,
                  firstBatch,
                  table.isNew(),
                  plan.table());
          if (plan.isGuarded()) {
            target.prepareSideTable(connection, guarded(), table.isNew(), firstBatch);
          }
          // Of runs that were killed; those of one that still runs are of no use to it any more.
          staging.dropAll(connection);
          stored = mark.map(DeliveryMarks.Mark::batch).orElse(-1L);
          replacesAll = isView && firstBatch == 0 && mark.isPresent();
          return null;
        });
  }

  private GuardedMerge guarded() {
    return new GuardedMerge(plan, definition.tombstoneRetention());
  }

  @Override
  public List<StorageLimit> limits(StructType result) {
    return PostgresLimits.of(plan, table.columns());
  }

  @Override
  public List<StorageLimit> refused(Batch batch) throws InterruptedException {
    if (!plan.isGuarded()) {
      return List.of();
    }
    Set<Position> positions =
        mayHaveRefused
            ? session.committed(connection -> refused(connection, batch.id()))
            : Set.of();
    return positions.isEmpty() ? List.of() : List.of(limit(positions));
  }

  private static StorageLimit limit(Set<Position> positions) {
    UDF2<Integer, Long, Boolean> isAmong =
        (partition, offset) -> positions.contains(new Position(partition, offset));
    return new StorageLimit(
        functions
            .udf(isAmong, DataTypes.BooleanType)
            .apply(functions.col(OrderColumns.PARTITION), functions.col(OrderColumns.OFFSET)),
        null,
        PostgresSinkErrors.lacksUnsentValues());
  }

  private Set<Position> refused(Connection connection, long batch) throws SQLException {
    return Queries.rows(connection, guarded().refused(), batch).stream()
        .map(row -> new Position((Integer) row.get(0), (Long) row.get(1)))
        .collect(Collectors.toCollection(HashSet::new));
  }

  @Override
  public Delivery deliver(Batch batch) throws InterruptedException {
    boolean isWhole = replacesAll;
    replacesAll = false;
    if (batch.id() <= stored) {
      mayHaveRefused = true;
      return Delivery.WAS_DELIVERED;
    }
    StageRows stage =
        new StageRows(access, plan, staging.ofRun(), definition.onTruncate() == OnTruncate.SKIP);
    boolean isStored = false;
    mayHaveRefused = false;
    while (!isStored) {
      List<StagedRows> rows =
          batch
              .planned(
                  result ->
                      plan.isGuarded()
                          ? ChangeFold.input(result, plan)
                          : PostgresTypes.copied(result))
              .run("postgres", planned -> planned.mapPartitions(stage).collect());
      mayHaveRefused =
          rows.stream().anyMatch(each -> each.has(Operation.UPDATE) || each.has(Operation.UNKNOWN));
      // A server that crashed has emptied the staging tables: their rows are made again.
      isStored =
          session.committed(
              connection -> store(connection, batch.id(), rows, isWhole),
              failure ->
                  PostgresFailures.isRowsOfOneKey(failure)
                      ? PostgresSinkErrors.rowsOfOneKey(access.place(), plan.key(), failure)
                      : PostgresFailures.refusal(access, failure));
    }
    stored = batch.id();
    return Delivery.DELIVERED;
  }

  /**
   * Stores a batch, within a transaction.
   *
   * @return false where staging tables have lost their rows; nothing is stored then
   */
  private boolean store(Connection connection, long batch, List<StagedRows> rows, boolean isWhole)
      throws SQLException {
    List<StagedRows> staged = rows.stream().filter(each -> !each.isAtHand()).toList();
    List<StagedRows> atHand = rows.stream().filter(StagedRows::isAtHand).toList();
    boolean isLarge = !staged.isEmpty();
    if (isLarge) {
      // First: where the batch is stored, or another run has begun, staging tables are gone.
      if (Queries.execute(connection, marks.advance(), marks.advanced(batch)) == 0) {
        return wasStored(connection, batch);
      }
      for (StagedRows each : staged) {
        if (count(connection, each.table()) != each.rows()) {
          rollBack(connection);
          for (StagedRows useless : staged) {
            Queries.execute(connection, "DROP TABLE IF EXISTS " + useless.table());
          }
          return false;
        }
      }
    }
    List<StagedRows> sources = new ArrayList<>(staged);
    if (!atHand.isEmpty()) {
      sources.add(copied(connection, atHand));
    }
    if (plan.isGuarded() && atHand.size() > 1 && haveKeyTwice(connection)) {
      if (!isLarge && Queries.execute(connection, marks.advance(), marks.advanced(batch)) == 0) {
        return wasStored(connection, batch);
      }
      storeOneByOne(connection, batch, staged, atHand);
      return true;
    }
    List<String> statements = new ArrayList<>(isLarge ? List.of() : List.of(marks.advance()));
    statements.addAll(plan.isGuarded() ? guarded(sources, batch) : changes(sources, isWhole));
    staged.forEach(each -> statements.add("DROP TABLE " + each.table()));
    // All in one round trip.
    try (PreparedStatement all = connection.prepareStatement(String.join("; ", statements))) {
      // A plan that is kept would be that of a smaller table.
      all.unwrap(PGStatement.class).setPrepareThreshold(0);
      Object[] parameters = isLarge ? new Object[0] : marks.advanced(batch);
      for (int i = 0; i < parameters.length; i++) {
        all.setObject(i + 1, parameters[i]);
      }
      all.execute();
      return isLarge || all.getUpdateCount() > 0 || wasStored(connection, batch);
    }
  }

  private List<String> guarded(List<StagedRows> sources, long batch) {
    GuardedMerge merge = guarded();
    return Stream.concat(
            sources.stream().flatMap(source -> merge.statements(source, batch).stream()),
            Stream.of(merge.forgetTombstones()))
        .toList();
  }

  /** Whether two tasks have changes of one key: it is in another partition now, or was replayed. */
  private boolean haveKeyTwice(Connection connection) throws SQLException {
    return !Queries.rows(
            connection,
            "SELECT 1 FROM %1$s GROUP BY %2$s HAVING count(*) > 1 LIMIT 1"
                .formatted(ROWS_AT_HAND, PostgresPlan.names(plan.key())))
        .isEmpty();
  }

  private void storeOneByOne(
      Connection connection, long batch, List<StagedRows> staged, List<StagedRows> atHand)
      throws SQLException {
    for (StagedRows each : staged) {
      for (String statement : guarded(List.of(each), batch)) {
        Queries.execute(connection, statement);
      }
      Queries.execute(connection, "DROP TABLE " + each.table());
    }
    for (StagedRows each : atHand) {
      Queries.execute(connection, "DELETE FROM " + ROWS_AT_HAND);
      StagedRows alone = copied(connection, List.of(each));
      for (String statement : guarded(List.of(alone), batch)) {
        Queries.execute(connection, statement);
      }
    }
  }

  /**
   * True, unless another run owns the table, which is an error: the batch's commit was in doubt.
   */
  private boolean wasStored(Connection connection, long batch) throws SQLException {
    rollBack(connection);
    marks.requireStored(connection, batch);
    return true;
  }

  private static long count(Connection connection, String table) throws SQLException {
    return (Long) Queries.rows(connection, "SELECT count(*) FROM " + table).get(0).get(0);
  }

  /** With the temporary table, if it was made in this transaction. */
  private void rollBack(Connection connection) throws SQLException {
    connection.rollback();
    Queries.execute(connection, "DROP TABLE IF EXISTS " + ROWS_AT_HAND);
    connectionWithRows = null;
  }

  private List<String> changes(List<StagedRows> sources, boolean isWhole) {
    List<String> statements = new ArrayList<>();
    boolean hasRows = sources.stream().anyMatch(source -> source.rows() > 0);
    if (isWhole
        || plan.change() == TableChange.REPLACE
        || (plan.change() == TableChange.ONE_ROW && hasRows)) {
      statements.add(plan.deleteAll());
    } else if (plan.change() == TableChange.MERGE) {
      // Before the writes: what is removed and written in one batch is there.
      sources.stream()
          .filter(source -> source.removals() > 0)
          .flatMap(
              source ->
                  source.hasNullKeys()
                      ? Stream.of(plan.delete(source.table()), plan.deleteNulls(source.table()))
                      : Stream.of(plan.delete(source.table())))
          .forEach(statements::add);
    }
    sources.stream()
        .filter(source -> source.rows() > source.removals())
        .forEach(source -> statements.add(plan.write(source.table())));
    return statements;
  }

  /** The rows at hand, in the temporary table. */
  private StagedRows copied(Connection connection, List<StagedRows> rows) throws SQLException {
    if (connectionWithRows != connection) {
      Queries.execute(
          connection, plan.createSource("TEMPORARY", ROWS_AT_HAND, " ON COMMIT DELETE ROWS"));
    }
    CopyIn copy =
        connection.unwrap(PGConnection.class).getCopyAPI().copyIn(plan.copy(ROWS_AT_HAND));
    for (StagedRows each : rows) {
      copy.writeToCopy(each.lines(), 0, each.lines().length);
    }
    copy.endCopy();
    connectionWithRows = connection;
    return StagedRows.in(ROWS_AT_HAND, rows);
  }

  @Override
  public void close() {
    session.close();
  }
}
