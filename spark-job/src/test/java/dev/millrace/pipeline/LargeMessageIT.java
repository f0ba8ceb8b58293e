package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.server.ConnectorDefinition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A message of nearly 10 MiB on its way from Postgres to the sinks. */
@ExtendWith(StackExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LargeMessageIT {

  private static final String TABLE = "public.large";
  private static final String UNWRAPPED = "large_ride-bookings." + TABLE;
  private static final String ENVELOPE = "large_ride-bookings-envelope." + TABLE;
  private static final long ID = -95;
  private static final int LENGTH = 9_961_472;

  /** Of each row only what is large. */
  private static final String LARGE =
      "outputs.bookings.sql=SELECT id, pickup_location FROM changes WHERE id = %d".formatted(ID);

  @TempDir Path folder;

  @BeforeAll
  void insert(LocalStack stack) throws Exception {
    stack.execute(
        """
        CREATE TABLE %1$s (id bigint PRIMARY KEY, "ncr_ride_bookings.csv/pickup+location" text);
        GRANT SELECT ON %1$s TO debezium_user;
        CREATE PUBLICATION large FOR TABLE %1$s;
        INSERT INTO %1$s VALUES (%2$d, 'b''' || repeat('x', %3$d) || '''')
        """
            .formatted(TABLE, ID, LENGTH));
    connectors(stack).forEach(stack::register);
    for (String topic : List.of(UNWRAPPED, ENVELOPE)) {
      Awaitility.await()
          .atMost(Duration.ofMinutes(1))
          .until(
              () ->
                  stack.committedRecords(topic).stream()
                      .anyMatch(
                          record -> record.value() != null && record.value().length() > LENGTH));
    }
  }

  @AfterAll
  void deleteTheConnectors(LocalStack stack) {
    connectors(stack).forEach(stack::delete);
  }

  private static List<ConnectorDefinition> connectors(LocalStack stack) {
    return Stream.of("ride-bookings", "ride-bookings-envelope")
        .map(
            shape ->
                stack
                    .connector(shape)
                    .named("large_" + shape)
                    .with("topic.prefix", "large_" + shape)
                    .with("table.include.list", TABLE)
                    .with("slot.name", "large_" + shape.replace('-', '_'))
                    .with("publication.name", "large")
                    .with("offsets.storage.topic", "offsets-large-" + shape))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"parquet, unwrapped", "kafka, unwrapped", "parquet, envelope", "kafka, envelope"})
  void passesWhole(String sink, String shape, LocalStack stack) throws Exception {
    String topic = shape.equals("envelope") ? ENVELOPE : UNWRAPPED;
    TestPipeline pipeline = pipeline(stack, topic, sink, sink + "-" + shape);

    pipeline.run(new OutputChoice.Named(List.of("bookings")));

    if (sink.equals("kafka")) {
      assertThat(stack.committedRecords(topic + "-large"))
          .extracting(record -> ChangeTopic.parse(record.value()).get("pickup_location"))
          .extracting(location -> location.asText().length())
          .containsExactly(LENGTH);
    } else {
      assertThat(
              ParquetFiles.query(
                  pipeline.output("bookings"), "SELECT length(pickup_location) AS l FROM rows"))
          .extracting(row -> row.get("l"))
          .containsExactly((long) LENGTH);
    }
  }

  private TestPipeline pipeline(LocalStack stack, String topic, String sink, String name) {
    return new TestPipeline(stack.bootstrapServers(), topic, folder.resolve(name), sink)
        .with(LARGE)
        .with("outputs.bookings.key=[id]")
        .with("sinks.kafka.topic=" + topic + "-large");
  }
}
