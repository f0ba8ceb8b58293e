package dev.millrace.connector;

import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.ReplicationMessage;
import io.debezium.connector.postgresql.connection.ReplicationStream;
import java.sql.SQLException;
import java.util.concurrent.ExecutorService;

/** A replication stream whose messages pass through an interceptor. */
@SuppressWarnings("try") // Debezium's close() throws any exception.
final class InterceptedStream implements ReplicationStream {

  /** Passes a message on, or does not. */
  interface Interceptor {

    /**
     * Called for each message, in the order of the stream.
     *
     * @param lsn of the message as the server sent it
     */
    void process(Lsn lsn, ReplicationMessage message, ReplicationMessageProcessor next)
        throws SQLException, InterruptedException;
  }

  private final ReplicationStream stream;
  private final Interceptor interceptor;

  InterceptedStream(ReplicationStream stream, Interceptor interceptor) {
    this.stream = stream;
    this.interceptor = interceptor;
  }

  @Override
  public void read(ReplicationMessageProcessor processor)
      throws SQLException, InterruptedException {
    stream.read(intercepted(processor));
  }

  @Override
  public boolean readPending(ReplicationMessageProcessor processor)
      throws SQLException, InterruptedException {
    return stream.readPending(intercepted(processor));
  }

  private ReplicationMessageProcessor intercepted(ReplicationMessageProcessor processor) {
    return message -> interceptor.process(stream.lastReceivedLsn(), message, processor);
  }

  @Override
  public void flushLsn(Lsn lsn) throws SQLException {
    stream.flushLsn(lsn);
  }

  @Override
  public Lsn lastReceivedLsn() {
    return stream.lastReceivedLsn();
  }

  @Override
  public Lsn startLsn() {
    return stream.startLsn();
  }

  @Override
  public void startKeepAlive(ExecutorService service) {
    stream.startKeepAlive(service);
  }

  @Override
  public void stopKeepAlive() {
    stream.stopKeepAlive();
  }

  @Override
  public void close() throws Exception {
    stream.close();
  }
}
