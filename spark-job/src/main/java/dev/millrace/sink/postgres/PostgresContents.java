package dev.millrace.sink.postgres;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition.PostgresSink;
import dev.millrace.error.PostgresSinkErrors;
import dev.millrace.sink.SinkContents;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The rows of an output's table, and their mark. A table without a mark of this output is not its:
 * it stays. One that Millrace has created goes as a whole.
 */
record PostgresContents(PostgresAccess access, String pipeline, String output)
    implements SinkContents {

  static PostgresContents of(String pipeline, OutputDefinition output) {
    return new PostgresContents(
        PostgresAccess.of((PostgresSink) output.sink()), pipeline, output.name());
  }

  @Override
  public Optional<String> description() {
    try (Connection connection = access.open()) {
      Optional<DeliveryMarks.Mark> mark = mark(connection);
      if (mark.isEmpty()) {
        return Optional.empty();
      }
      String rows =
          hasTable(connection)
              ? "%,d rows"
                  .formatted(
                      (Long)
                          Queries.rows(connection, "SELECT count(*) FROM " + table()).get(0).get(0))
              : "no table any more";
      return Optional.of(
          "%s (%s), its mark (batch %d)".formatted(access.place(), rows, mark.get().batch()));
    } catch (SQLException e) {
      throw PostgresSinkErrors.refusedRead(access.place(), e);
    }
  }

  @Override
  public void delete() {
    try (Connection connection = access.open()) {
      Optional<DeliveryMarks.Mark> mark = mark(connection);
      if (mark.isPresent()) {
        if (hasTable(connection)) {
          Queries.execute(
              connection, (mark.get().isCreated() ? "DROP TABLE " : "DELETE FROM ") + table());
        }
        for (String side : GuardedMerge.sideTables(access.table())) {
          Queries.execute(connection, "DROP TABLE IF EXISTS " + inSchema(side));
        }
        StagingTables.of(access, new UUID(0, 0)).dropAll(connection);
        marks().delete(connection);
      }
      connection.commit();
    } catch (SQLException e) {
      throw PostgresSinkErrors.undeletable(access.place(), e);
    }
  }

  private Optional<DeliveryMarks.Mark> mark(Connection connection) throws SQLException {
    return marks()
        .read(connection)
        .filter(mark -> List.of(mark.pipeline(), mark.output()).equals(List.of(pipeline, output)));
  }

  private DeliveryMarks marks() {
    return new DeliveryMarks(access, "");
  }

  private boolean hasTable(Connection connection) throws SQLException {
    return !Queries.rows(connection, "SELECT 1 WHERE to_regclass(?) IS NOT NULL", table())
        .isEmpty();
  }

  private String table() {
    return inSchema(access.table());
  }

  private String inSchema(String name) {
    return PostgresPlan.quoted(access.schema()) + "." + PostgresPlan.quoted(name);
  }
}
