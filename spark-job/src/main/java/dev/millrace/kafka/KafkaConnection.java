package dev.millrace.kafka;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.SinkDefinition.KafkaSink;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;

/**
 * The brokers of a source or a sink, and what clients need to reach them. No client is opened here.
 *
 * @param properties in Kafka's names ({@code security.protocol}, ...), {@code bootstrap.servers}
 *     among them
 */
public record KafkaConnection(Map<String, String> properties) implements Serializable {

  private static final String SERVERS = "bootstrap.servers";
  private static final String SPARK_PREFIX = "kafka.";

  public KafkaConnection {
    properties = Map.copyOf(properties);
  }

  /** Of a source, whose options for clients begin with {@code kafka.}, as in Spark. */
  public static KafkaConnection of(KafkaSourceDefinition source) {
    Map<String, String> properties = new HashMap<>();
    source
        .options()
        .forEach(
            (key, value) -> {
              if (key.startsWith(SPARK_PREFIX)) {
                properties.put(key.substring(SPARK_PREFIX.length()), value);
              }
            });
    properties.put(SERVERS, source.bootstrapServers());
    return new KafkaConnection(properties);
  }

  public static KafkaConnection of(KafkaSink sink) {
    Map<String, String> properties = new HashMap<>(sink.options());
    properties.put(SERVERS, sink.bootstrapServers());
    return new KafkaConnection(properties);
  }

  public String servers() {
    return properties.get(SERVERS);
  }

  /**
   * The properties of a client.
   *
   * @param defaults what the user may set differently
   * @param required what the user may not
   * @return a new map
   */
  public Map<String, Object> client(Map<String, String> defaults, Map<String, String> required) {
    Map<String, Object> client = new HashMap<>(defaults);
    client.putAll(properties);
    client.putAll(required);
    return client;
  }

  /** Without the options' values, which may be secret. */
  @Override
  public String toString() {
    return "Kafka at " + servers();
  }
}
