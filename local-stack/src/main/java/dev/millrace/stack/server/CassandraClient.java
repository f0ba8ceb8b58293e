package dev.millrace.stack.server;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import dev.millrace.stack.error.StackErrors;
import java.net.InetSocketAddress;
import java.time.Duration;

/** Sessions with the stack's Cassandra, or with another one. */
public final class CassandraClient {

  /** What a node calls its datacenter unless it is told otherwise. */
  public static final String DATACENTER = "datacenter1";

  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private CassandraClient() {}

  /**
   * A new session; the caller closes it.
   *
   * @param contactPoint {@code HOST:PORT}
   */
  public static CqlSession open(String contactPoint) {
    return open(contactPoint, DATACENTER, "", "");
  }

  /** The same, with credentials where {@code user} is not empty. */
  public static CqlSession open(
      String contactPoint, String datacenter, String user, String password) {
    int colon = contactPoint.lastIndexOf(':');
    DriverConfigLoader settings =
        DriverConfigLoader.programmaticBuilder()
            .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, TIMEOUT)
            .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, TIMEOUT)
            .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, TIMEOUT)
            .withInt(DefaultDriverOption.NETTY_IO_SIZE, 1)
            .withInt(DefaultDriverOption.NETTY_ADMIN_SIZE, 1)
            .build();
    try {
      var builder =
          CqlSession.builder()
              .addContactPoint(
                  new InetSocketAddress(
                      contactPoint.substring(0, colon),
                      Integer.parseInt(contactPoint.substring(colon + 1))))
              .withLocalDatacenter(datacenter)
              .withConfigLoader(settings);
      return (user.isEmpty() ? builder : builder.withAuthCredentials(user, password)).build();
    } catch (DriverException e) {
      throw StackErrors.cassandraUnreachable(contactPoint, e);
    }
  }
}
