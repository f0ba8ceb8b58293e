package dev.millrace.launcher.demo;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import dev.millrace.simulator.event.Json;
import dev.millrace.simulator.users.User;
import dev.millrace.simulator.users.UserGenerator;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.StackProcess;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A table of made-up users in Cassandra, read once, each row as JSON to a topic of Kafka. */
final class CassandraExportDemo implements DemoScenario {

  private static final String TOPIC = "users_exported";
  private static final long USERS = 1_000;
  private static final int SHOWN = 3;

  @Override
  public String name() {
    return "cassandra-export";
  }

  @Override
  public String title() {
    return "Cassandra -> Spark -> Kafka";
  }

  @Override
  public Set<Component> sources() {
    return Set.of(Component.CASSANDRA);
  }

  @Override
  public String defaultSink() {
    return "kafka";
  }

  @Override
  public Play begin(DemoStage stage) {
    stage.stack().awaitReady();
    long users = stage.settings().rows().orElse(USERS);
    fill(stage, users);
    stage.say().accept("The table spark_streams.created_users has %,d rows".formatted(users));
    StackProcess job =
        stage.startJob(
            "cassandra-export.yaml",
            List.of("--sink", stage.sink()),
            Map.of("OUTPUT_TOPIC", TOPIC, "LOG_DIR", logs(stage).toString()));
    return new Play(job, Optional.empty());
  }

  private static void fill(DemoStage stage, long users) {
    UserGenerator generator = new UserGenerator(stage.settings().seed());
    try (CqlSession session = stage.stack().connectToCassandra()) {
      session.execute(
          "CREATE KEYSPACE spark_streams WITH replication ="
              + " {'class': 'SimpleStrategy', 'replication_factor': 1}");
      session.execute(
          "CREATE TABLE spark_streams.created_users (id uuid PRIMARY KEY, first_name text,"
              + " last_name text, email text, dob date, registered_date timestamp)");
      PreparedStatement insert =
          session.prepare("INSERT INTO spark_streams.created_users JSON ? DEFAULT UNSET");
      for (long made = 0; made < users; made++) {
        session.execute(insert.bind(json(generator.next())));
      }
    }
  }

  private static String json(User user) {
    Map<String, String> fields = user.fields();
    fields
        .keySet()
        .retainAll(List.of("id", "first_name", "last_name", "email", "dob", "registered_date"));
    return Json.object(fields);
  }

  /** The end of the job is the end of the demo. */
  @Override
  public boolean hasProcessedAll(DemoStage stage) {
    return true;
  }

  @Override
  public void showResults(DemoStage stage) {
    if (stage.sink().equals("kafka")) {
      List<ConsumerRecord<String, String>> records = stage.stack().committedRecords(TOPIC);
      stage.say().accept("The topic %s has %,d records:".formatted(TOPIC, records.size()));
      records.stream()
          .limit(SHOWN)
          .forEach(record -> stage.say().accept("  " + record.key() + " -> " + record.value()));
    } else {
      new OutputListing(stage).show();
    }
    stage.say().accept("What the job printed is in " + logs(stage));
  }

  private static Path logs(DemoStage stage) {
    return stage.folder().resolve("job-logs");
  }

  @Override
  public String farewell() {
    return """
          ./millrace demo cassandra-export --sink parquet
          ./millrace demo users   the other way round: Kafka to Cassandra\
        """;
  }
}
