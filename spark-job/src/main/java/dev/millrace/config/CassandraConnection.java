package dev.millrace.config;

import java.io.Serializable;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a Cassandra cluster is reached. Serializable: executors open sessions of their own.
 *
 * @param key where the pipeline has it, for messages: {@code sinks.cassandra}
 * @param contactPoints {@code HOST:PORT}, at least one
 * @param username empty where the cluster asks for none
 * @param retryTimeout how long a cluster that does not answer is retried
 * @param options passed to the driver as they are, by their path in its configuration ({@code
 *     basic.request.timeout}, ...)
 */
public record CassandraConnection(
    String key,
    List<String> contactPoints,
    String localDatacenter,
    String username,
    String password,
    Duration retryTimeout,
    Map<String, String> options)
    implements Serializable {

  public CassandraConnection {
    contactPoints = List.copyOf(contactPoints);
    options = new HashMap<>(options);
  }

  /** The same cluster, asked as long as this. */
  public CassandraConnection withRetryTimeout(Duration other) {
    return new CassandraConnection(
        key, contactPoints, localDatacenter, username, password, other, options);
  }

  /** For messages; without credentials and options, which may be secret. */
  public String place() {
    return String.join(",", contactPoints);
  }

  @Override
  public String toString() {
    return "Cassandra at " + place();
  }
}
