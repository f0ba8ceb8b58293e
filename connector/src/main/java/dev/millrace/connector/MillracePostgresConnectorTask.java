package dev.millrace.connector;

import io.debezium.config.Configuration;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresOffsetContext;
import io.debezium.connector.postgresql.PostgresPartition;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.pipeline.ChangeEventSourceCoordinator;
import java.sql.SQLException;
import java.util.Optional;

/** Debezium's task over a replication connection that skips what was sent before. */
public final class MillracePostgresConnectorTask extends PostgresConnectorTask {

  private Optional<StoredPosition> position = Optional.empty();

  /** Also called by Debezium when it starts the task again after an error. */
  @Override
  public ChangeEventSourceCoordinator<PostgresPartition, PostgresOffsetContext> start(
      Configuration configuration) {
    PostgresConnectorConfig settings = new PostgresConnectorConfig(configuration);
    PostgresPartition partition =
        new PostgresPartition(settings.getLogicalName(), settings.databaseName());
    position =
        Optional.ofNullable(context.offsetStorageReader().offset(partition.getSourcePartition()))
            .flatMap(StoredPosition::of);
    return super.start(configuration);
  }

  @Override
  protected ReplicationConnection buildReplicationConnection(
      PostgresConnection connection, PostgresSchema schema, PostgresConnectorConfig settings)
      throws SQLException {
    ReplicationConnection replication =
        super.buildReplicationConnection(connection, schema, settings);
    return position
        .<ReplicationConnection>map(stored -> new ResumingConnection(replication, stored))
        .orElse(replication);
  }
}
