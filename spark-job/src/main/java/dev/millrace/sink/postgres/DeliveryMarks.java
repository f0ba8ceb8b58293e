package dev.millrace.sink.postgres;

import dev.millrace.error.PostgresSinkErrors;
import dev.millrace.error.SinkErrors;
import dev.millrace.error.UserException;
import dev.millrace.sink.RunName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;

/**
 * Which batch a table is at, and which run may write it: a row of {@code millrace_marks} in the
 * table's schema, changed in the transaction of each batch.
 *
 * @param owner identity of the run, with the process that it is, for a person to read
 */
record DeliveryMarks(PostgresAccess access, String owner) {

  static final String TABLE = "millrace_marks";

  /**
   * A table's mark.
   *
   * @param checkpoint identity of the checkpoint that counts the batches
   * @param batch the last one that is stored; -1 for none
   * @param isCreated whether Millrace created the table
   */
  record Mark(
      String pipeline,
      String output,
      String checkpoint,
      String owner,
      long batch,
      boolean isCreated) {}

  /** The marks as a run of this process writes them. */
  static DeliveryMarks of(PostgresAccess access, UUID run) {
    return new DeliveryMarks(access, RunName.of(run));
  }

  private String marks() {
    return PostgresPlan.quoted(access.schema()) + "." + PostgresPlan.quoted(TABLE);
  }

  /** The mark; empty where there is none, or nowhere to look for one. */
  Optional<Mark> read(Connection connection) throws SQLException {
    boolean isThere =
        !Queries.rows(connection, "SELECT 1 WHERE to_regclass(?) IS NOT NULL", marks()).isEmpty();
    return isThere ? read(connection, "") : Optional.empty();
  }

  private Optional<Mark> read(Connection connection, String locking) throws SQLException {
    return Queries.rows(
            connection,
            "SELECT pipeline, output, checkpoint, owner, batch, is_created FROM %s WHERE target = ?%s"
                .formatted(marks(), locking),
            access.table())
        .stream()
        .map(
            row ->
                new Mark(
                    (String) row.get(0),
                    (String) row.get(1),
                    (String) row.get(2),
                    (String) row.get(3),
                    (Long) row.get(4),
                    (Boolean) row.get(5)))
        .findFirst();
  }

  /**
   * Takes the table over, within the transaction in which it was found or created: from now on no
   * other run writes there.
   *
   * @param checkpoint identity of the checkpoint that counts the batches
   * @param firstBatch the batch that comes next; 0 where the table is to get the whole result
   * @param isNew whether the table has just been created
   * @return the mark that was there
   */
  Optional<Mark> claim(
      Connection connection,
      String pipeline,
      String output,
      String checkpoint,
      long firstBatch,
      boolean isNew,
      String table)
      throws SQLException {
    create(connection);
    if (isNew) {
      // Of a table that was dropped.
      delete(connection);
    }
    Optional<Mark> found = read(connection, " FOR UPDATE");
    if (found.isPresent()) {
      requireOwn(found.get(), output, checkpoint, firstBatch);
      Queries.execute(
          connection,
          "UPDATE %s SET owner = ? WHERE target = ?".formatted(marks()),
          owner,
          access.table());
      return found;
    }
    if (firstBatch > 0) {
      throw PostgresSinkErrors.lostMark(access.place(), firstBatch);
    }
    if (!isNew
        && !Queries.rows(connection, "SELECT 1 FROM %s LIMIT 1".formatted(table)).isEmpty()) {
      throw PostgresSinkErrors.foreignRows(access.place(), table);
    }
    Queries.execute(
        connection,
        "INSERT INTO %s VALUES (?, ?, ?, ?, ?, -1, ?, now())".formatted(marks()),
        access.table(),
        pipeline,
        output,
        checkpoint,
        owner,
        isNew);
    return Optional.empty();
  }

  private void requireOwn(Mark mark, String output, String checkpoint, long firstBatch) {
    if (!mark.checkpoint().equals(checkpoint) || !mark.output().equals(output)) {
      throw SinkErrors.foreignTable(
          "postgres",
          access.place(),
          mark.pipeline(),
          mark.output(),
          mark.checkpoint(),
          checkpoint);
    }
    if (mark.batch() < firstBatch - 1) {
      throw PostgresSinkErrors.missedBatches(access.place(), mark.batch(), firstBatch);
    }
  }

  /** One run at a time: two that create it at once would be in each other's way. */
  private void create(Connection connection) throws SQLException {
    Queries.rows(connection, "SELECT pg_advisory_xact_lock(hashtext(?))", marks());
    if (Queries.rows(connection, "SELECT 1 WHERE to_regclass(?) IS NOT NULL", marks()).isEmpty()) {
      Queries.execute(
          connection,
          """
          CREATE TABLE %s (
            target text PRIMARY KEY,
            pipeline text NOT NULL,
            output text NOT NULL,
            checkpoint text NOT NULL,
            owner text NOT NULL,
            batch bigint NOT NULL,
            is_created boolean NOT NULL,
            written_at timestamptz NOT NULL)
          """
              .formatted(marks()));
    }
  }

  /**
   * Moves the mark to a batch; its parameters are those of {@link #advanced}. Changes no row where
   * the batch is stored already, or where another run owns the table.
   */
  String advance() {
    return "UPDATE %s SET batch = ?, written_at = now() WHERE target = ? AND owner = ? AND batch < ?"
        .formatted(marks());
  }

  /** The parameters of {@link #advance}. */
  Object[] advanced(long batch) {
    return new Object[] {batch, access.table(), owner, batch};
  }

  /**
   * Returns where a batch is stored already, its commit having been in doubt.
   *
   * @throws UserException where another run owns the table
   */
  void requireStored(Connection connection, long batch) throws SQLException {
    Mark mark =
        read(connection).orElseThrow(() -> PostgresSinkErrors.markDeleted(access.place(), batch));
    if (!mark.owner().equals(owner)) {
      throw SinkErrors.overtaken(access.place(), mark.owner(), batch);
    }
  }

  /** Deletes the mark. */
  void delete(Connection connection) throws SQLException {
    Queries.execute(
        connection, "DELETE FROM %s WHERE target = ?".formatted(marks()), access.table());
  }
}
