package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.StackExtension;
import dev.millrace.cli.RidesCommand.Ended;
import dev.millrace.pipeline.ParquetFiles;
import dev.millrace.stack.LocalStack;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileUtil;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Positions that no longer mean what they meant: each is refused before anything is delivered, with
 * the command that resolves it, and that command does.
 */
@ExtendWith(StackExtension.class)
class PositionsIT {

  private static final String ALL = "{}";
  private static final String RESET = "./millrace reset PIPELINE --output all";

  @TempDir Path folder;

  private LocalStack stack;
  private String topic;
  private String sql = ALL;
  private String more = "";
  private String format = "json";
  private String sink = "parquet";
  private String name = "positions";

  @BeforeEach
  void useATopicOfItsOwn(LocalStack shared, TestInfo test) {
    stack = shared;
    topic = "p" + Integer.toUnsignedString(test.getDisplayName().hashCode(), 36);
    stack.createTopic(topic, 1);
  }

  private Path file() {
    Path file = folder.resolve("pipeline.yaml");
    try {
      Files.writeString(
          file,
          """
          name: %s
          source: {kafka: {bootstrap-servers: "%s", topic: %s, retry-timeout: 5s%s}, format: %s}
          table: {key: [id], columns: {id: {type: int}, name: {type: string}}}
          outputs: {all: %s}
          sinks: {parquet: {path: "%s/out/{output}"}, kafka: {topic: "%s-out"}}
          dead-letters: {sink: console}
          checkpoints: %s/checkpoints
          trigger: {available-now: true}
          """
              .formatted(
                  name, stack.bootstrapServers(), topic, more, format, sql, folder, topic, folder));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return file;
  }

  private Ended execute(String command, String... flags) {
    List<String> arguments = new ArrayList<>(List.of(command, file().toString(), "--sink", sink));
    arguments.addAll(List.of(flags));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode =
        Millrace.commandLine(Map.of(), new SparkEngine(Map.of()))
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments.toArray(String[]::new));
    return new Ended(exitCode, out.toString(), err.toString());
  }

  private void runs(String... flags) {
    Ended ended = execute("run", flags);
    assertThat(ended.err()).isEmpty();
    assertThat(ended.exitCode()).isZero();
  }

  /** A run that is refused, with all of these in its one error. */
  private void refuses(String... parts) {
    List<Object> before = offsets();
    Ended ended = execute("run");
    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.err().lines()).hasSize(1);
    assertThat(ended.err()).contains(parts);
    assertThat(offsets()).isEqualTo(before);
  }

  private void reset() {
    assertThat(execute("reset", "--output", "all", "--delete-output", "--yes").exitCode()).isZero();
  }

  /** What the sink holds, by the offsets of the messages. */
  private List<Object> offsets() {
    try {
      if (sink.equals("kafka")) {
        return stack.committedRecords(topic + "-out").stream()
            .map(record -> (Object) record.value())
            .toList();
      }
      return Files.exists(folder.resolve("out/all"))
          ? ParquetFiles.query(
                  folder.resolve("out/all"), "SELECT \"offset\" FROM rows ORDER BY \"offset\"")
              .stream()
              .map(row -> row.get("offset"))
              .toList()
          : List.of();
    } catch (java.sql.SQLException e) {
      // DuckDB finds no file in a folder without batches.
      return List.of();
    }
  }

  private static List<Object> range(long from, long until) {
    return java.util.stream.LongStream.range(from, until).mapToObj(each -> (Object) each).toList();
  }

  private void produce(int count) throws Exception {
    produce(topic, 0, count);
  }

  private void produce(String to, int partition, int count) throws Exception {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", stack.bootstrapServers()),
            new StringSerializer(),
            new StringSerializer())) {
      for (int i : IntStream.range(0, count).toArray()) {
        producer
            .send(
                new ProducerRecord<>(
                    to, partition, null, "{\"id\":%d,\"name\":\"n\",\"__op\":\"c\"}".formatted(i)))
            .get();
      }
    }
  }

  private interface AdminCall {
    KafkaFuture<?> on(Admin admin);
  }

  private void admin(AdminCall call) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      call.on(admin).get();
    } catch (ExecutionException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void deleteBefore(int partition, long offset) {
    admin(
        admin ->
            admin
                .deleteRecords(
                    Map.of(
                        new TopicPartition(topic, partition), RecordsToDelete.beforeOffset(offset)))
                .all());
  }

  private void replace(String which, int partitions) {
    replace(which, partitions, "delete");
  }

  private void replace(String which, int partitions, String cleanupPolicy) {
    admin(admin -> admin.deleteTopics(List.of(which)).all());
    Awaitility.await()
        .ignoreExceptions()
        .untilAsserted(
            () ->
                admin(
                    admin ->
                        admin
                            .createTopics(
                                List.of(
                                    new NewTopic(which, partitions, (short) 1)
                                        .configs(Map.of("cleanup.policy", cleanupPolicy))))
                            .all()));
  }

  private Path checkpoint() {
    return folder.resolve("checkpoints").resolve(name).resolve("all").resolve(sink);
  }

  private static Path newest(Path log) throws IOException {
    try (Stream<Path> files = Files.list(log)) {
      return files
          .filter(file -> file.getFileName().toString().matches("\\d+"))
          .max(Comparator.comparingLong(file -> Long.parseLong(file.getFileName().toString())))
          .orElseThrow();
    }
  }

  /** As after a crash between the delivery of the last batch and its commit. */
  private void forgetTheLastCommit() throws IOException {
    remove(newest(checkpoint().resolve("commits")));
  }

  private static void remove(Path file) throws IOException {
    Files.delete(file);
    Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
  }

  private static void write(Path file, String text) throws IOException {
    remove(file);
    Files.writeString(file, text);
  }

  @Test
  void refusesATopicThatWasCreatedAgainWithMoreMessages() throws Exception {
    produce(2);
    runs();
    replace(topic, 1);
    produce(3);

    refuses("deleted and created again", topic + " (was ", RESET + " --delete-output");

    reset();
    runs();
    assertThat(offsets()).isEqualTo(range(0, 3));
  }

  @Test
  void refusesAReplayTopicThatWasCreatedAgain() throws Exception {
    format = "debezium-json";
    more = ", replay-topic: " + topic + "-replay";
    produce(1);
    runs();
    replace(topic + "-replay", 1);

    refuses("deleted and created again", topic + "-replay (was ");
  }

  @Test
  void reportsMessagesThatWereDeletedUnreadAndContinuesBehindThem() throws Exception {
    produce(5);
    runs();
    produce(5);
    deleteBefore(0, 8);

    refuses(
        "Up to 3 messages are lost: %s partition 0 offsets 5 to 7.".formatted(topic),
        "./millrace run PIPELINE --accept data-loss",
        RESET);

    Ended accepted = execute("run", "--accept", "data-loss");
    assertThat(accepted.exitCode()).isZero();
    assertThat(accepted.out())
        .contains(
            "output all: accepts that up to 3 messages are lost, deleted before they were read: %s partition 0 offsets 5 to 7; continues after them"
                .formatted(topic));
    assertThat(offsets()).isEqualTo(List.of(0L, 1L, 2L, 3L, 4L, 8L, 9L));
    produce(1);
    runs();
    assertThat(offsets()).hasSize(8);
  }

  @Test
  void reportsMessagesThatExpiredUnreadAndContinuesBehindThem() throws Exception {
    produce(5);
    runs();
    produce(5);
    retain("100");
    Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> firstOffset() == 10);
    retain("-1");
    produce(2);

    refuses(
        "Up to 5 messages are lost: %s partition 0 offsets 5 to 9.".formatted(topic),
        "./millrace run PIPELINE --accept data-loss",
        RESET);
    runs("--accept", "data-loss");

    assertThat(offsets()).isEqualTo(List.of(0L, 1L, 2L, 3L, 4L, 10L, 11L));
  }

  private void retain(String milliseconds) {
    admin(
        admin ->
            admin
                .incrementalAlterConfigs(
                    Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, topic),
                        List.of(
                            new AlterConfigOp(
                                new ConfigEntry("retention.ms", milliseconds),
                                AlterConfigOp.OpType.SET))))
                .all());
  }

  private long firstOffset() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      TopicPartition partition = new TopicPartition(topic, 0);
      return admin
          .listOffsets(Map.of(partition, OffsetSpec.earliest()))
          .partitionResult(partition)
          .get()
          .offset();
    }
  }

  @Test
  void continuesBehindALossInAnUnfinishedBatch() throws Exception {
    produce(2);
    runs();
    produce(4);
    runs();
    forgetTheLastCommit();
    FileUtil.fullyDelete(folder.resolve("out/all/batch=1").toFile());
    produce(2);
    deleteBefore(0, 4);

    refuses("Up to 2 messages are lost: %s partition 0 offsets 2 to 3.".formatted(topic));
    runs("--accept", "data-loss");

    assertThat(offsets()).isEqualTo(List.of(0L, 1L, 4L, 5L, 6L, 7L));
  }

  @Test
  void reportsALossThatReachesBehindAnUnfinishedBatch() throws Exception {
    produce(2);
    runs();
    produce(2);
    runs();
    forgetTheLastCommit();
    FileUtil.fullyDelete(folder.resolve("out/all/batch=1").toFile());
    produce(4);
    deleteBefore(0, 6);

    refuses("Up to 4 messages are lost: %s partition 0 offsets 2 to 5.".formatted(topic));
    runs("--accept", "data-loss");

    assertThat(offsets()).isEqualTo(List.of(0L, 1L, 6L, 7L));
  }

  @Test
  void reportsAPartitionThatWasAddedAndEmptiedUnread() throws Exception {
    produce(1);
    runs();
    admin(admin -> admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(2))).all());
    produce(topic, 1, 3);
    deleteBefore(1, 2);

    refuses("Up to 2 messages are lost: %s partition 1 offsets 0 to 1.".formatted(topic));
    runs("--accept", "data-loss");

    assertThat(offsets()).isEqualTo(List.of(0L, 2L));
  }

  @Test
  void readsAPartitionThatWasAdded() throws Exception {
    produce(1);
    runs();
    admin(admin -> admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(2))).all());
    produce(topic, 1, 3);
    runs();

    assertThat(offsets()).isEqualTo(List.of(0L, 0L, 1L, 2L));
  }

  @Test
  void refusesAPositionBehindTheEndOfItsTopic() throws Exception {
    produce(2);
    runs();
    Path offsets = newest(checkpoint().resolve("offsets"));
    write(offsets, Files.readString(offsets).replace("{\"0\":2}", "{\"0\":7}"));

    refuses("%s partition 0 ends at offset 2, the position is 7".formatted(topic), RESET);
  }

  @Test
  void refusesThePositionOfAnotherTopic() throws Exception {
    produce(1);
    runs();
    String before = topic;
    topic += "-other";
    stack.createTopic(topic, 1);
    produce(1);

    refuses("is of the topic %s, and the pipeline reads %s".formatted(before, topic), RESET);
  }

  @Test
  void refusesAPositionWhoseReplayTopicIsNotReadAnyMore() throws Exception {
    format = "debezium-json";
    more = ", replay-topic: " + topic + "-replay";
    produce(1);
    runs();
    more = "";

    refuses("is of the topic %s-replay, and the pipeline reads %s".formatted(topic, topic));
  }

  @Test
  void readsAReplayTopicThatIsAddedLater() throws Exception {
    format = "debezium-json";
    produce(1);
    runs();
    more = ", replay-topic: " + topic + "-replay";
    runs();
    produce(1);
    runs();

    assertThat(offsets()).isEqualTo(List.of(0L, 1L));
  }

  @Test
  void refusesACheckpointThatWasCopiedFromAnotherPipeline() throws Exception {
    produce(1);
    runs();
    Path from = folder.resolve("checkpoints/positions");
    name = "renamed";
    Files.move(from, folder.resolve("checkpoints/renamed"));

    refuses(
        "belongs to pipeline positions, output all, sink parquet, and this is pipeline renamed,"
            + " output all, sink parquet",
        RESET);
  }

  @Test
  void refusesWhatARenamedPipelineHasDelivered() throws Exception {
    produce(1);
    runs();
    name = "renamed";

    refuses("its batches belong to the checkpoint", "./millrace reset PIPELINE --delete-output");
    reset();
    runs();
    assertThat(offsets()).isEqualTo(range(0, 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "v1", "v1\n{}", "v1\n{}\nnothing"})
  void refusesAnOffsetsFileThatIsCutOff(String rest) throws Exception {
    produce(1);
    runs();
    write(newest(checkpoint().resolve("offsets")), rest);

    refuses("is damaged: the file ", "Restore the folder from a backup", RESET);
  }

  @Test
  void refusesACommitWithoutItsOffsets() throws Exception {
    produce(1);
    runs();
    remove(newest(checkpoint().resolve("offsets")));

    refuses("is damaged: the file ", " is missing", RESET);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refusesACheckpointWithoutItsIdentity(boolean isRemoved) throws Exception {
    produce(1);
    runs();
    Path metadata = checkpoint().resolve("metadata");
    if (isRemoved) {
      remove(metadata);
    } else {
      write(metadata, "");
    }

    refuses("is damaged: the file metadata ", RESET);
    reset();
    runs();
    assertThat(offsets()).isEqualTo(range(0, 1));
  }

  @Test
  void refusesAFingerprintThatCannotBeReadOrIsNewer() throws Exception {
    produce(1);
    runs();
    Path fingerprint = checkpoint().resolve("fingerprint.json");
    String text = Files.readString(fingerprint);
    write(fingerprint, text.replace("\"format\" : 1", "\"format\" : 2"));
    refuses("has the format version 2, and this version of Millrace knows 1", RESET);

    write(fingerprint, "{");
    refuses("is damaged: the file fingerprint.json can't be read", RESET);
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "kafka"})
  void refusesToFinishABatchWithAnotherDefinition(String kind) throws Exception {
    sink = kind;
    sql = "{sql: 'SELECT id, \"offset\" FROM messages'}".replace("\"", "`");
    produce(2);
    runs();
    forgetTheLastCommit();
    String before = sql;
    sql = "{sql: 'SELECT id + 1 AS id, `offset` FROM messages'}";

    refuses(
        "has the unfinished batch 0, and the pipeline has changed since it was begun: sql.",
        "./millrace run PIPELINE --accept new-definition",
        RESET);

    sql = before.replace(" FROM", "\n    FROM");
    runs();
    assertThat(offsets()).hasSize(2);
    sql = "{sql: 'SELECT id + 1 AS id, `offset` FROM messages'}";
    produce(1);
    runs();
    assertThat(offsets()).hasSize(3);
  }

  @Test
  void finishesABatchWithAnotherDefinitionWhereThatIsAccepted() throws Exception {
    produce(2);
    runs();
    forgetTheLastCommit();
    FileUtil.fullyDelete(folder.resolve("out/all/batch=0").toFile());
    sql = "{sql: 'SELECT id, `offset` FROM messages WHERE id = 1'}";

    refuses("changed since it was begun: sql");
    runs("--accept", "new-definition");

    assertThat(offsets()).isEqualTo(List.of(1L));
  }

  @Test
  void refusesStateThatAnotherQueryHasMade() throws Exception {
    sql = "{mode: complete, sql: 'SELECT count(*) AS `offset` FROM messages WHERE id < 5'}";
    produce(3);
    runs();
    sql = sql.replace("< 5", "< 2");

    refuses("has the state of another query; what has changed: sql", RESET);
    reset();
    runs();
    assertThat(offsets()).isEqualTo(List.of(2L));
  }

  @Test
  void deliversNothingTwiceAndLeavesNothingOutOfTheTopicAfterAReset() throws Exception {
    sink = "kafka";
    produce(5);
    runs();
    replace(topic, 1);
    produce(2);

    refuses("deleted and created again");
    reset();
    runs();

    assertThat(offsets()).hasSize(2);
  }

  @Test
  void refusesASinkTopicThatWasCreatedAgain() throws Exception {
    sink = "kafka";
    produce(1);
    runs();
    replace(topic + "-out", 1);

    refuses("is not the one that got what came before", "./millrace reset PIPELINE");
  }

  @Test
  void refusesMarksThatWereDeleted() throws Exception {
    sink = "kafka";
    produce(1);
    runs();
    forgetTheLastCommit();
    String marks = "millrace.positions.all." + topic + "-out.marks";
    replace(marks, 1, "compact");

    refuses("deleted and created again", marks + " (was ");
    reset();
    runs();
    assertThat(offsets()).hasSize(1);
  }

  @Test
  void refusesMarksThatKafkaMayDelete() throws Exception {
    sink = "kafka";
    produce(1);
    runs();
    String marks = "millrace.positions.all." + topic + "-out.marks";
    admin(
        admin ->
            admin
                .incrementalAlterConfigs(
                    Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, marks),
                        List.of(
                            new AlterConfigOp(
                                new ConfigEntry("cleanup.policy", "delete"),
                                AlterConfigOp.OpType.SET))))
                .all());

    refuses("the topic of marks %s has cleanup.policy=delete".formatted(marks));
  }

  @Test
  void examinesSinksBeforeTheFirstMessage() throws Exception {
    Files.createFile(folder.resolve("out"));
    refuses("output folder file:%s/out/all: can't be written".formatted(folder));
    Files.delete(folder.resolve("out"));

    sink = "kafka";
    name = "a".repeat(225);
    Ended ended = execute("run");
    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.err())
        .contains("has a name of ", "and Kafka takes 247. Shorten the name of the pipeline");
  }

  @Test
  void asksBeforeItDeletesWhatIsDelivered() throws Exception {
    produce(2);
    runs();

    InputStream stdin = System.in;
    Ended refused;
    try {
      System.setIn(new ByteArrayInputStream("no\n".getBytes(StandardCharsets.UTF_8)));
      refused = execute("reset", "--delete-output");
    } finally {
      System.setIn(stdin);
    }
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.out())
        .contains("position: " + checkpoint())
        .containsPattern("delivered: 1 batches \\(1 files, [\\d,]+ bytes\\) in .*/out/all")
        .contains("Nothing was removed.");
    assertThat(offsets()).hasSize(2);
    runs();

    Ended kept = execute("reset");
    assertThat(kept.exitCode()).isZero();
    assertThat(kept.out()).contains("What is delivered stays");
    assertThat(checkpoint()).doesNotExist();
    refuses("its batches belong to the checkpoint");

    reset();
    assertThat(folder.resolve("out/all")).doesNotExist();
    assertThat(execute("reset").out()).contains("There is no position to remove.");
  }
}
