package dev.millrace.connector;

import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.connector.postgresql.connection.ReplicationMessage;
import io.debezium.connector.postgresql.connection.ReplicationMessage.Operation;
import io.debezium.connector.postgresql.connection.ReplicationStream;
import io.debezium.connector.postgresql.connection.ReplicationStream.ReplicationMessageProcessor;
import io.debezium.connector.postgresql.connection.WalPositionLocator;
import io.debezium.connector.postgresql.spi.SlotCreationResult;
import java.sql.SQLException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A replication connection whose stream resumes after a stored position.
 *
 * <p>Debezium starts two streams with one {@link WalPositionLocator}: it reads the first until the
 * locator has found where to resume, and drops what the locator names from the second. If the
 * stored position is in the first stream, a {@link ReplayFilter} decides for the second one instead
 * of the locator; if it is not, the decision remains Debezium's.
 */
@SuppressWarnings("try") // Debezium's close() throws any exception.
final class ResumingConnection implements ReplicationConnection {

  private static final Logger LOGGER = LoggerFactory.getLogger(ResumingConnection.class);

  private final ReplicationConnection connection;
  private final StoredPosition position;

  /** The locator whose stream has the position; null until it is found. */
  private WalPositionLocator found;

  ResumingConnection(ReplicationConnection connection, StoredPosition position) {
    this.connection = connection;
    this.position = position;
  }

  @Override
  public ReplicationStream startStreaming(WalPositionLocator locator)
      throws SQLException, InterruptedException {
    return connection.startStreaming(locator);
  }

  @Override
  public ReplicationStream startStreaming(Lsn start, WalPositionLocator locator)
      throws SQLException, InterruptedException {
    if (locator == found) {
      LOGGER.info(
          "Resuming after the first {} changes at LSN '{}'", position.changes(), position.lsn());
      Lsn lastCommit = locator.getLastCommitStoredLsn();
      WalPositionLocator passing =
          new WalPositionLocator(lastCommit, locator.getLastEventStoredLsn(), null);
      return new InterceptedStream(
          connection.startStreaming(start, passing),
          new Replay(new ReplayFilter(position, lastCommit)));
    }
    ReplicationStream stream = connection.startStreaming(start, locator);
    return position.lsn().equals(locator.getLastEventStoredLsn())
        ? new InterceptedStream(stream, new Search(locator))
        : stream;
  }

  /** Notes that the position is in the stream. */
  private final class Search implements InterceptedStream.Interceptor {

    private final WalPositionLocator locator;

    private Search(WalPositionLocator locator) {
      this.locator = locator;
    }

    /**
     * Hides a COMMIT of the position's LSN (the end of a transaction can be the start of the next
     * record), which the locator would take for the position, and a BEGIN, which it would count.
     */
    @Override
    public void process(Lsn lsn, ReplicationMessage message, ReplicationMessageProcessor next)
        throws SQLException, InterruptedException {
      if (position.lsn().equals(lsn)) {
        if (!StoredPosition.isChange(message.getOperation())) {
          return;
        }
        found = locator;
      }
      next.process(message);
    }
  }

  /** Drops what was processed before. */
  private static final class Replay implements InterceptedStream.Interceptor {

    private final ReplayFilter filter;

    /** The origin of the transaction that is being dropped; null if it has none. */
    private ReplicationMessage origin;

    private Replay(ReplayFilter filter) {
      this.filter = filter;
    }

    @Override
    public void process(Lsn lsn, ReplicationMessage message, ReplicationMessageProcessor next)
        throws SQLException, InterruptedException {
      if (!filter.wasProcessed(lsn, message.getOperation())) {
        // The offset does not store a transaction's origin, and the rest of it needs it.
        if (origin != null) {
          next.process(origin);
          origin = null;
        }
        next.process(message);
      } else if (message.getOperation() == Operation.BEGIN) {
        origin = null;
      } else if (message.getOperation() == Operation.ORIGIN) {
        origin = message;
      }
    }
  }

  @Override
  public Optional<SlotCreationResult> createReplicationSlot() throws SQLException {
    return connection.createReplicationSlot();
  }

  @Override
  public void initConnection() throws SQLException, InterruptedException {
    connection.initConnection();
  }

  @Override
  public boolean isConnected() throws SQLException {
    return connection.isConnected();
  }

  @Override
  public void reconnect() throws SQLException {
    connection.reconnect();
  }

  @Override
  public void close() throws Exception {
    connection.close();
  }
}
