package dev.millrace.launcher.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.launcher.demo.Checkpoints.Query;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** How far streaming queries have read a Kafka topic, from the checkpoints that Spark writes. */
final class CheckpointProgress {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Checkpoints checkpoints;
  private final String topic;

  /**
   * @param checkpoints a folder with the checkpoints of any number of queries somewhere below it
   */
  CheckpointProgress(Path checkpoints, String topic) {
    this.checkpoints = new Checkpoints(checkpoints);
    this.topic = topic;
  }

  /** Whether there are queries, and all have finished a batch that ends there or later. */
  boolean hasReached(Map<Integer, Long> ends) {
    return checkpoints.isTrueOfAll(query -> hasReached(query, ends));
  }

  private boolean hasReached(Query query, Map<Integer, Long> ends) throws IOException {
    Optional<Long> batch = query.lastCommitted();
    if (batch.isEmpty()) {
      return false;
    }
    // By partition; there are none where the batch read another topic.
    JsonNode offsets = JSON.readTree(query.end(batch.get())).path(topic);
    return ends.entrySet().stream()
        .allMatch(end -> offsets.path(end.getKey().toString()).asLong(0) >= end.getValue());
  }
}
