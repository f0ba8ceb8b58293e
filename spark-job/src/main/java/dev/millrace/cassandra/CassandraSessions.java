package dev.millrace.cassandra;

import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.CqlSessionBuilder;
import com.datastax.oss.driver.api.core.auth.AuthenticationException;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.metadata.NodeStateListener;
import dev.millrace.config.CassandraConnection;
import dev.millrace.error.CassandraErrors;
import dev.millrace.error.UserException;
import dev.millrace.retry.Backoff;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.lang.ref.Cleaner;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The session that all tasks of one executor share; opened by the first that asks. Broadcast, so
 * that an executor has one copy. It is closed with {@link #close}, which reaches the copy of its
 * process alone. Spark calls it on an executor that has its copy in memory when the broadcast is
 * destroyed; a copy that was evicted before is closed once it is no longer reachable. So whoever
 * uses a session has to keep what it came from.
 */
public final class CassandraSessions implements Serializable, AutoCloseable {

  private static final long serialVersionUID = 1L;

  private static final Cleaner CLEANER = Cleaner.create();
  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration LONGEST_RECONNECTION_DELAY = Duration.ofSeconds(5);

  private final CassandraConnection connection;
  private final String consistency;
  private transient Opened opened = new Opened();

  public CassandraSessions(CassandraConnection connection, String consistency) {
    this.connection = connection;
    this.consistency = consistency;
    CLEANER.register(this, opened);
  }

  private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
    in.defaultReadObject();
    opened = new Opened();
    CLEANER.register(this, opened);
  }

  /** What is to be closed; it must not know who has opened it. */
  private static final class Opened implements Runnable {

    private CqlSession session;

    synchronized CqlSession session(CassandraSessions sessions) throws InterruptedException {
      if (session == null || session.isClosed()) {
        session = sessions.open(line -> {}, Optional.empty());
      }
      return session;
    }

    @Override
    public synchronized void run() {
      if (session != null) {
        session.close();
        session = null;
      }
    }
  }

  /**
   * Returns an open session; retries until the cluster answers or the timeout expires.
   *
   * @throws UserException where it has not answered within the connection's retry timeout, or
   *     refuses
   */
  public CqlSession session() throws InterruptedException {
    return opened.session(this);
  }

  /**
   * A session of its own, for the caller to close.
   *
   * @param progress is told of every attempt that failed
   */
  public CqlSession open(Consumer<String> progress, Optional<NodeStateListener> listener)
      throws InterruptedException {
    Backoff backoff = new Backoff(connection.retryTimeout());
    while (true) {
      try {
        return inDatacenter(builder(listener).build());
      } catch (AllNodesFailedException e) {
        if (isRefusal(e)) {
          throw CassandraErrors.unusable(connection.place(), e);
        }
        if (!backoff.mayTryAgain()) {
          throw CassandraErrors.silent(
              connection.key(), connection.place(), connection.retryTimeout().toSeconds(), e);
        }
        progress.accept(
            CassandraErrors.stillTrying(connection.place(), e, backoff.delay().toSeconds()));
        backoff.pause();
      } catch (UserException e) {
        throw e;
      } catch (RuntimeException e) {
        throw CassandraErrors.unusable(connection.place(), e);
      }
    }
  }

  /** The driver opens a session that can ask no node, and would call it silent. */
  private CqlSession inDatacenter(CqlSession opened) {
    Set<String> datacenters =
        opened.getMetadata().getNodes().values().stream()
            .map(node -> String.valueOf(node.getDatacenter()))
            .collect(Collectors.toCollection(TreeSet::new));
    if (!datacenters.contains(connection.localDatacenter())) {
      opened.close();
      throw CassandraErrors.otherDatacenter(
          connection.key(), connection.place(), connection.localDatacenter(), datacenters);
    }
    return opened;
  }

  private static boolean isRefusal(AllNodesFailedException failure) {
    return failure.getAllErrors().values().stream()
        .flatMap(errors -> errors.stream())
        .anyMatch(AuthenticationException.class::isInstance);
  }

  private CqlSessionBuilder builder(Optional<NodeStateListener> listener) {
    CqlSessionBuilder builder =
        CqlSession.builder()
            .withClassLoader(CqlSession.class.getClassLoader())
            .withConfigLoader(settings())
            .withLocalDatacenter(connection.localDatacenter());
    for (String contactPoint : connection.contactPoints()) {
      int colon = contactPoint.lastIndexOf(':');
      builder.addContactPoint(
          new InetSocketAddress(
              contactPoint.substring(0, colon),
              Integer.parseInt(contactPoint.substring(colon + 1))));
    }
    if (!connection.username().isEmpty()) {
      builder.withAuthCredentials(connection.username(), connection.password());
    }
    listener.ifPresent(builder::withNodeStateListener);
    return builder;
  }

  private DriverConfigLoader settings() {
    ClassLoader loader = CqlSession.class.getClassLoader();
    DriverConfigLoader ours =
        DriverConfigLoader.programmaticBuilder(loader)
            .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, REQUEST_TIMEOUT)
            .withDuration(DefaultDriverOption.CONNECTION_CONNECT_TIMEOUT, CONNECT_TIMEOUT)
            .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, CONNECT_TIMEOUT)
            .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, CONNECT_TIMEOUT)
            .withDuration(DefaultDriverOption.RECONNECTION_MAX_DELAY, LONGEST_RECONNECTION_DELAY)
            .withString(
                DefaultDriverOption.REQUEST_CONSISTENCY,
                consistency.toUpperCase(Locale.ROOT).replace('-', '_'))
            .withBoolean(DefaultDriverOption.REQUEST_DEFAULT_IDEMPOTENCE, true)
            .build();
    if (connection.options().isEmpty()) {
      return ours;
    }
    String chosen =
        connection.options().entrySet().stream()
            .map(option -> option.getKey() + " = " + quoted(option.getValue()))
            .collect(Collectors.joining("\n"));
    return DriverConfigLoader.compose(
        DriverConfigLoader.fromString("datastax-java-driver {\n" + chosen + "\n}"), ours);
  }

  private static String quoted(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  @Override
  public void close() {
    opened.run();
  }
}
