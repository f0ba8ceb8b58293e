package dev.millrace.benchmark.contender;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Plain consumers, one a partition, each on a thread of its own. */
public final class RawConsumers implements Contender {

  private static final JsonFactory JSON = new JsonFactory();

  private final boolean isParsing;

  private RawConsumers(boolean isParsing) {
    this.isParsing = isParsing;
  }

  /**
   * Serves orders.
   *
   * @param arguments {@code untouched}, or {@code jackson}: every value is parsed, every token met
   *     and the text of every scalar taken
   */
  public static void main(String[] arguments) throws Exception {
    ContenderServer.serve(new RawConsumers(arguments[0].equals("jackson")));
  }

  @Override
  public Run run(Task task, Path folder) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(task.partitions());
    try {
      Stopwatch watch = new Stopwatch();
      List<Callable<Long>> consumers = new ArrayList<>();
      for (int i = 0; i < task.partitions(); i++) {
        TopicPartition partition = new TopicPartition(task.topic(), i);
        consumers.add(() -> consume(task.bootstrapServers(), partition));
      }
      long messages = 0;
      for (Future<Long> read : threads.invokeAll(consumers)) {
        messages += read.get();
      }
      return watch.stop(messages);
    } finally {
      threads.shutdownNow();
    }
  }

  private long consume(String bootstrapServers, TopicPartition partition) throws IOException {
    Map<String, Object> settings = new HashMap<>(ConsumerSettings.FETCH);
    settings.put("bootstrap.servers", bootstrapServers);
    settings.put("enable.auto.commit", "false");
    long messages = 0;
    long touched = 0;
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = List.of(partition);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long end = consumer.endOffsets(partitions).get(partition);
      while (consumer.position(partition) < end) {
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(Duration.ofSeconds(1))) {
          messages++;
          touched += isParsing ? parse(message.value()) : message.value().length;
        }
      }
    }
    if (touched == 0) {
      throw new IllegalStateException(partition + " is empty");
    }
    return messages;
  }

  private static long parse(byte[] value) throws IOException {
    long length = 0;
    try (JsonParser parser = JSON.createParser(value)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isScalarValue()) {
          length += parser.getTextLength();
        }
      }
    }
    return length;
  }
}
