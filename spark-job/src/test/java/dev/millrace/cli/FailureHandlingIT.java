package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.cli.RidesCommand.Ended;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a user is told where the environment does not let the job run: brokers, topics, folders, SQL
 * that only Spark can judge, checkpoints. Each test holds all that is printed to standard error.
 */
@ExtendWith(StackExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailureHandlingIT {

  private static final String GOOD = "good-input";
  private static final byte[] GOOD_MESSAGE =
      "{\"id\":0,\"__op\":\"c\"}".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  private RidesCommand command;

  @BeforeAll
  void produce(LocalStack stack) throws Exception {
    command = new RidesCommand(stack.bootstrapServers());
    stack.createTopic(GOOD, 1);
    command.produce(GOOD, List.of(GOOD_MESSAGE));
    stack.createTopic("another-input", 1);
    command.produce("another-input", List.of(GOOD_MESSAGE));
  }

  @Test
  void waitsForABrokerAndTellsThatNoneAnswers() {
    Ended ended =
        command.run(
            GOOD,
            folder.resolve("broker"),
            "--set",
            "source.kafka.bootstrap-servers=localhost:1",
            "--set",
            "source.kafka.retry-timeout=1s");

    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.out().lines())
        .first()
        .isEqualTo(
            "no Kafka broker answers at localhost:1; trying again in 1 s, for 1 s in all"
                + " (source.kafka.retry-timeout)");
    assertThat(ended.err().lines())
        .containsExactly(
            "error: source.kafka.bootstrap-servers: no Kafka broker answered at localhost:1 within"
                + " 11 s. Start one (./millrace stack up), or name another with"
                + " KAFKA_BOOTSTRAP_SERVERS or --set"
                + " source.kafka.bootstrap-servers=HOST:PORT.");
  }

  @Test
  void tellsThatTheTopicIsMissing() {
    Ended ended =
        command.run("nowhere", folder.resolve("topic"), "--set", "source.kafka.retry-timeout=1s");

    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.out().lines())
        .first()
        .isEqualTo(
            "there is no topic 'nowhere' at %s yet; trying again in 1 s, for 1 s in all (source.kafka.retry-timeout)"
                .formatted(command.servers()));
    assertThat(ended.err().lines())
        .containsExactly(
            "error: source.kafka.topic: the broker at "
                + command.servers()
                + " has no topic 'nowhere'. Register the connector (it creates the topic with the"
                + " first row), or name another with KAFKA_TOPIC or --set"
                + " source.kafka.topic=NAME.");
  }

  @Test
  void tellsThatTheCheckpointFolderCannotBeWritten() throws IOException {
    Path file = Files.createFile(folder.resolve("positions"));

    Ended ended = command.run(GOOD, folder.resolve("checkpoint"), "--checkpoints", file.toString());

    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.err().lines())
        .containsExactly(
            "error: checkpoint folder file:"
                + file
                + "/ride-bookings/bookings/console: can't be written (Parent path is not a"
                + " directory: file:"
                + file
                + "). It has to be a folder that this user may write: change its rights, or name"
                + " another (--checkpoints DIR).");
  }

  @Test
  void tellsThatTheOutputFolderCannotBeWritten() throws IOException {
    Path place = Files.createDirectory(folder.resolve("files"));
    Files.createFile(place.resolve("output"));

    Ended ended = command.run(GOOD, place, "--sink", "parquet");

    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.err().lines())
        .containsExactly(
            "error: output folder file:"
                + place
                + "/output/bookings: can't be written (Parent path is not a directory: file:"
                + place
                + "/output). It has to be a folder that this user may write: change its rights, or"
                + " name another (OUTPUT_DIR).");
  }

  @Test
  void tellsWhatIsWrongWithTheSqlOfEveryOutput() {
    Ended ended =
        command.run(
            GOOD,
            folder.resolve("sql"),
            "--all-outputs",
            "--set",
            "outputs.bookings.sql=SELECT booking_valeu FROM changes",
            "--set",
            "outputs.high-value.sql=SELEC id FROM changes",
            "--set",
            "outputs.numbered.scope=stream");

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(problems(ended))
        .containsExactly(
            "error: flag --set: outputs.bookings.sql: [UNRESOLVED_COLUMN.WITH_SUGGESTION] A column"
                + " or function parameter with name `booking_valeu` cannot be resolved. Did you"
                + " mean one of the following? [`booking_value`, `booking_date`, `booking_time`,"
                + " `booking_id`, `booking_status`].; line 1 pos 7",
            "error: flag --set: outputs.high-value.sql: [PARSE_SYNTAX_ERROR] Syntax error at or"
                + " near 'SELEC'.; line 1 pos 0",
            "error: "
                + RidesCommand.FILE
                + ":LINE: outputs.numbered.sql: a row function (OVER ...) needs the complete"
                + " input, and a stream has no end. Add 'scope: batch' to the output to number"
                + " the rows of each micro-batch.",
            "3 problems");
  }

  @Test
  void tellsThatSparkRefusesAQuery() {
    Ended ended =
        command.run(
            GOOD,
            folder.resolve("refused"),
            "--output",
            "average-by-operation",
            "--set",
            "outputs.average-by-operation.mode=append");

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(problems(ended))
        .containsExactly(
            "error: "
                + RidesCommand.FILE
                + ":LINE: outputs.average-by-operation.sql: Append output mode not supported when"
                + " there are streaming aggregations on streaming DataFrames/DataSets without"
                + " watermark; line 1 pos 58. Change the output's sql, mode or watermark.");
  }

  @Test
  void refusesFilesThatAnotherCheckpointCounted() throws IOException, SQLException {
    Path place = folder.resolve("foreign-files");
    command.run(GOOD, place, "--sink", "parquet");
    String owner = Files.readString(place.resolve("output/bookings/_owner")).strip();
    FileUtil.fullyDelete(place.resolve("checkpoints").toFile());

    Ended ended = command.run(GOOD, place, "--sink", "parquet");

    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.err().lines())
        .singleElement()
        .asString()
        .matches(
            "error: output folder file:\\Q"
                + place
                + "\\E/output/bookings: its batches belong to the checkpoint "
                + owner
                + ", this run has the checkpoint [0-9a-f-]{36}\\. Delivering here would lose or"
                + " repeat rows\\. Put the old checkpoint back; or, to deliver everything again,"
                + " move the folder away or name another \\(OUTPUT_DIR\\), or empty it with"
                + " \\./millrace reset PIPELINE --delete-output\\.");
    assertThat(RidesCommand.ids(place)).containsExactly(0L);
  }

  @Test
  void refusesATopicThatAnotherCheckpointCounted(LocalStack stack) {
    Path place = folder.resolve("foreign-topic");
    Ended first =
        command.run(
            GOOD,
            place,
            "--sink",
            "kafka",
            "--set",
            "sinks.kafka.options.ssl.key.password=hunter2");
    assertThat(first.exitCode()).isZero();
    assertThat(first.out())
        .startsWith("bookings -> topic good-input-bookings at " + command.servers() + " (");
    assertThat(first.out()).doesNotContain("hunter2");
    FileUtil.fullyDelete(place.resolve("checkpoints").toFile());

    Ended ended = command.run(GOOD, place, "--sink", "kafka");

    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.err().lines())
        .singleElement()
        .asString()
        .matches(
            "error: output bookings: the topic good-input-bookings has its rows from the"
                + " checkpoint [0-9a-f-]{36}, this run has the checkpoint [0-9a-f-]{36}\\."
                + " Delivering again would repeat rows\\. Put the old checkpoint back; or, to"
                + " deliver everything again, name another topic \\(OUTPUT_TOPIC\\), or delete the"
                + " topics good-input-bookings and"
                + " millrace\\.ride-bookings\\.bookings\\.good-input-bookings\\.marks \\(\\./millrace reset"
                + " PIPELINE --delete-output\\)\\.");
    assertThat(stack.committedRecords(GOOD + "-bookings")).hasSize(1);
  }

  @Test
  void tellsThatACheckpointNoLongerFitsItsQuery(LocalStack stack) throws Exception {
    Path place = folder.resolve("unfit");
    String topic = "unfit-input";
    stack.createTopic(topic, 1);
    command.produce(topic, List.of(GOOD_MESSAGE));
    String[] flags = {"--output", "average-by-operation", "--sink", "parquet"};
    assertThat(command.run(topic, place, flags).exitCode()).isZero();
    command.produce(topic, List.of(GOOD_MESSAGE));

    Ended ended =
        command.run(
            topic,
            place,
            "--output",
            "average-by-operation",
            "--sink",
            "parquet",
            "--set",
            "outputs.average-by-operation.sql=SELECT op, vehicle_type, count(*) AS n FROM changes"
                + " GROUP BY op, vehicle_type");

    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.err().lines())
        .containsExactly(
            "error: output average-by-operation: the position in file:"
                + place
                + "/checkpoints/ride-bookings/average-by-operation/parquet has the state of another"
                + " query; what has changed: sql. Put the old definition back; or give the output"
                + " another name. To read everything from the start, remove the position and what"
                + " was delivered: ./millrace reset PIPELINE --output average-by-operation"
                + " --delete-output.");
  }

  @Test
  void tellsThatACheckpointIsOfAnotherTopic() {
    Path place = folder.resolve("another-topic");
    assertThat(command.run(GOOD, place, "--sink", "parquet").exitCode()).isZero();

    Ended ended = command.run("another-input", place, "--sink", "parquet");

    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.err().lines())
        .containsExactly(
            "error: output bookings: the position in file:"
                + place
                + "/checkpoints/ride-bookings/bookings/parquet is of the topic good-input and"
                + " good-input-replay, and the pipeline reads another-input and"
                + " another-input-replay. Name the topic that was read before (source.kafka.topic,"
                + " source.kafka.replay-topic). To read everything from the start, remove the"
                + " position and what was delivered: ./millrace reset PIPELINE --output bookings"
                + " --delete-output.");
  }

  /** The lines, without the numbers of lines in the shipped file. */
  private static Stream<String> problems(Ended ended) {
    return ended.err().lines().map(line -> line.replaceFirst("\\.yaml:\\d+: ", ".yaml:LINE: "));
  }
}
