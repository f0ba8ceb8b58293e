package dev.millrace.sink.kafka;

import dev.millrace.config.SinkDefinition.KafkaSink;
import dev.millrace.error.SinkErrors;
import dev.millrace.sink.SinkContents;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** A topic, all of it, and the topics of marks that tell what of one output is delivered to it. */
public record KafkaContents(KafkaSink definition, String marksTopic) implements SinkContents {

  private static final long TIMEOUT_SECONDS = 60;

  @Override
  public Optional<String> description() {
    return with(
        admin -> {
          List<String> topics = topics(admin);
          List<String> parts = new ArrayList<>();
          for (String topic : topics) {
            parts.add("topic %s (%,d offsets)".formatted(topic, offsets(admin, topic)));
          }
          return parts.isEmpty()
              ? Optional.<String>empty()
              : Optional.of(
                  String.join(", ", parts)
                      + ", all records, also those of other outputs and writers");
        });
  }

  @Override
  public void delete() {
    with(
        admin -> {
          await(admin.deleteTopics(topics(admin)).all());
          return Optional.empty();
        });
  }

  private List<String> topics(Admin admin)
      throws ExecutionException, InterruptedException, TimeoutException {
    Pattern marks = Pattern.compile(Pattern.quote(marksTopic) + "(\\.\\d+)?");
    return await(admin.listTopics().names()).stream()
        .filter(name -> name.equals(definition.topic()) || marks.matcher(name).matches())
        .sorted()
        .toList();
  }

  private static long offsets(Admin admin, String topic)
      throws ExecutionException, InterruptedException, TimeoutException {
    TopicDescription found = await(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic);
    Map<TopicPartition, OffsetSpec> first = new HashMap<>();
    Map<TopicPartition, OffsetSpec> last = new HashMap<>();
    found
        .partitions()
        .forEach(
            partition -> {
              TopicPartition each = new TopicPartition(topic, partition.partition());
              first.put(each, OffsetSpec.earliest());
              last.put(each, OffsetSpec.latest());
            });
    return sum(admin, last) - sum(admin, first);
  }

  private static long sum(Admin admin, Map<TopicPartition, OffsetSpec> specs)
      throws ExecutionException, InterruptedException, TimeoutException {
    return await(admin.listOffsets(specs).all()).values().stream()
        .mapToLong(each -> each.offset())
        .sum();
  }

  private static <T> T await(KafkaFuture<T> future)
      throws ExecutionException, InterruptedException, TimeoutException {
    return future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  private interface Request {
    Optional<String> to(Admin admin)
        throws ExecutionException, InterruptedException, TimeoutException;
  }

  private Optional<String> with(Request request) {
    Map<String, Object> properties = new HashMap<>(definition.options());
    properties.put("bootstrap.servers", definition.bootstrapServers());
    try (Admin admin = Admin.create(properties)) {
      return request.to(admin);
    } catch (ExecutionException e) {
      throw SinkErrors.kafkaSinkUnusable(
          definition.topic(), definition.bootstrapServers(), e.getCause());
    } catch (KafkaException | TimeoutException e) {
      throw SinkErrors.kafkaSinkUnusable(definition.topic(), definition.bootstrapServers(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SinkErrors.kafkaSinkUnusable(definition.topic(), definition.bootstrapServers(), e);
    }
  }
}
