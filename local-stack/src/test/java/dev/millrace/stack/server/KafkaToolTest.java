package dev.millrace.stack.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class KafkaToolTest {

  @Test
  void knowsToolByTheNameOfItsScript() {
    assertThat(KafkaTool.named("console-consumer"))
        .contains(
            new KafkaTool("console-consumer", "org.apache.kafka.tools.consumer.ConsoleConsumer"));
    assertThat(KafkaTool.named("kafka-topics")).isEmpty();
  }

  @Test
  void addsBrokerOnlyWhereNoneIsNamed() {
    assertThat(KafkaTool.lacksBootstrapServer(List.of("--list"))).isTrue();
    assertThat(KafkaTool.lacksBootstrapServer(List.of("--bootstrap-server", "a:1"))).isFalse();
    assertThat(KafkaTool.lacksBootstrapServer(List.of("--bootstrap-server=a:1"))).isFalse();
    assertThat(KafkaTool.withBootstrapServer(List.of("--list"), "localhost:9092"))
        .containsExactly("--bootstrap-server", "localhost:9092", "--list");
  }
}
