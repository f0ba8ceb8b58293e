package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.pipeline.CassandraTables;
import dev.millrace.pipeline.ParquetFiles;
import dev.millrace.simulator.event.Event;
import dev.millrace.simulator.users.UserMessages;
import dev.millrace.stack.LocalStack;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The pipeline of users as a user runs it, from JSON in Kafka to a table in Cassandra. */
@ExtendWith(StackExtension.class)
class UsersIT {

  private static final String FILE =
      Path.of(System.getProperty("millrace.home"), "pipelines", "users.yaml").toString();

  @TempDir Path folder;

  @Test
  void storesUsersByIdAndSetsAsideWhatCannotBeRead(LocalStack stack) throws Exception {
    CassandraTables tables = CassandraTables.of(stack);
    stack.createTopic("users_created", 1);
    List<byte[]> values = new ArrayList<>();
    for (Event user : (Iterable<Event>) () -> new UserMessages(1, 40, 0.3)) {
      values.add(user.value().getBytes(StandardCharsets.UTF_8));
    }
    values.add(
        """
        {"id":"00000000-0000-4000-8000-000000000001","first_name":"Ada","dob":"1815-12-10"}\
        """
            .getBytes(StandardCharsets.UTF_8));
    values.add(
        """
        {"id":"00000000-0000-4000-8000-000000000001","email":"ada@example.com"}\
        """
            .getBytes(StandardCharsets.UTF_8));
    values.add(
        """
        {"id":"00000000-0000-4000-8000-000000000002","first_name":"Grace","gender":"female",\
        "address":"6238 Daisy Dr, Toledo, Ohio, United States","post_code":43085,\
        "email":"grace@example.com","username":"angrybear","dob":"1950-03-10T23:24:16.856Z",\
        "registered_date":"2007-07-09T05:51:59.390Z","phone":"(272) 790-0888","picture":"g.jpg"}\
        """
            .getBytes(StandardCharsets.UTF_8));
    values.add(
        """
        {"id":"00000000-0000-4000-8000-000000000003","post_code":"SW1A 1AA","dob":"1950-3-10",\
        "registered_date":"2007-07-09"}\
        """
            .getBytes(StandardCharsets.UTF_8));
    new RidesCommand(stack.bootstrapServers()).produce("users_created", values);

    assertThat(run(stack)).isZero();

    long rejected =
        (Long)
            ParquetFiles.query(
                    folder.resolve("output/dead-letters/query=created-users-cassandra"),
                    "SELECT count(*) AS n FROM rows")
                .get(0)
                .get("n");
    assertThat(rejected).isPositive();
    assertThat(tables.query("SELECT count(*) AS n FROM spark_streams.created_users"))
        .containsExactly(Map.of("n", 43L - rejected));
    assertThat(
            tables.query(
                "SELECT first_name, email, last_name FROM spark_streams.created_users"
                    + " WHERE id = 00000000-0000-4000-8000-000000000001"))
        .containsExactly(Map.of("first_name", "Ada", "email", "ada@example.com"));
    assertThat(
            tables.query(
                "SELECT post_code, cast(dob AS text) AS dob, cast(registered_date AS text) AS at"
                    + " FROM spark_streams.created_users"
                    + " WHERE id = 00000000-0000-4000-8000-000000000002"))
        .containsExactly(
            Map.of("post_code", "43085", "dob", "1950-03-10", "at", "2007-07-09T05:51:59.390Z"));
    assertThat(
            tables.query(
                "SELECT post_code, cast(dob AS text) AS dob, cast(registered_date AS text) AS at"
                    + " FROM spark_streams.created_users"
                    + " WHERE id = 00000000-0000-4000-8000-000000000003"))
        .containsExactly(
            Map.of("post_code", "SW1A 1AA", "dob", "1950-03-10", "at", "2007-07-09T00:00:00.000Z"));
  }

  private int run(LocalStack stack) {
    Map<String, String> environment =
        Map.of(
            "KAFKA_BOOTSTRAP_SERVERS",
            stack.bootstrapServers(),
            "CASSANDRA_CONTACT_POINTS",
            stack.connections().cassandra(),
            "OUTPUT_DIR",
            folder.resolve("output").toString(),
            "CHECKPOINT_DIR",
            folder.resolve("checkpoints").toString());
    StringWriter seen = new StringWriter();
    int exitCode =
        Millrace.commandLine(environment, new SparkEngine(environment))
            .setOut(new PrintWriter(seen))
            .setErr(new PrintWriter(seen))
            .execute("run", FILE, "--available-now");
    assertThat(exitCode).as(seen.toString()).isZero();
    return exitCode;
  }
}
