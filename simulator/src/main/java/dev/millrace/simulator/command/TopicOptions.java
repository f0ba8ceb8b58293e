package dev.millrace.simulator.command;

import dev.millrace.simulator.event.TopicSink;
import dev.millrace.simulator.event.TopicSink.Compression;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a topic is. */
final class TopicOptions {

  private static final int PARTITIONS = 3;

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT",
      description = "Kafka. Default: KAFKA_BOOTSTRAP_SERVERS, here ${DEFAULT-VALUE}.")
  private String bootstrapServers;

  @Option(
      names = "--create-topic",
      description = "Create the topic, with " + PARTITIONS + " partitions, if it is missing.")
  private boolean isTopicCreated;

  TopicSink.Target target(String topic, Compression compression) {
    return new TopicSink.Target(
        bootstrapServers,
        topic,
        compression,
        isTopicCreated ? Optional.of(PARTITIONS) : Optional.empty());
  }

  String destination(String topic) {
    return "topic %s at %s".formatted(topic, bootstrapServers);
  }
}
