package dev.millrace.sink.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.kafka.KafkaConnection;
import dev.millrace.sink.kafka.TransactionalProducers.IdleProducer;
import dev.millrace.stack.LocalStack;
import java.time.Duration;
import java.util.Map;
import org.apache.commons.lang3.SerializationUtils;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(StackExtension.class)
class TransactionalProducersIT {

  private static final String ID = "of-an-executor";

  /** An executor learns nothing of the end of a query but that its broadcasts are gone. */
  @Test
  void areClosedOnAnExecutorOnceItsCopyIsGone(LocalStack stack) {
    openAndForget(stack);

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              System.gc();
              return !isOpen();
            });
  }

  /** What a task of an executor does with its own copy. */
  private static void openAndForget(LocalStack stack) {
    TransactionalProducers copy =
        SerializationUtils.roundtrip(
            new TransactionalProducers(
                new KafkaConnection(Map.of("bootstrap.servers", stack.bootstrapServers()))));
    copy.giveBack(ID, new IdleProducer(copy.create(ID), Map.of()));
    assertThat(isOpen()).isTrue();
    assertThat(copy.take(ID)).satisfies(producer -> copy.giveBack(ID, producer)).isNotNull();
  }

  private static boolean isOpen() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().endsWith("producer-" + ID));
  }
}
