package dev.millrace.pipeline.batch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TextEncoding;
import dev.millrace.decode.MessageForm;
import dev.millrace.error.StateErrors;
import dev.millrace.event.SourceRange;
import dev.millrace.pipeline.batch.Deduplication.DeduplicatedBatch;
import dev.millrace.sink.Batch;
import dev.millrace.state.StateStore;
import dev.millrace.state.StateStores;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.kafka.common.TopicPartition;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Which changes of a topic an output is given, batch after batch. */
public class DeduplicationTest {

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  private static final String TOPIC = "rides";
  private static final Duration WINDOW = Duration.ofMinutes(10);
  private static final long MINUTE = 60_000;

  private static final StructType RAW =
      StructType.fromDDL(
          "key BINARY, value BINARY, timestamp TIMESTAMP, topic STRING, `partition` INT, offset"
              + " BIGINT");

  @TempDir Path folder;

  private StateStores stores;
  private TableDefinition table = table(List.of("id"));
  private Deduplication deduplication;
  private final Map<TopicPartition, Long> versions = new HashMap<>();
  private final Map<Integer, Long> offsets = new HashMap<>();
  private long batchId;

  /** The number of changes that the last batch left out, and of those that it can't tell apart. */
  private long repeated;

  private long unknown;

  /**
   * A message of a topic.
   *
   * @param key null for a message without one
   */
  private record Message(String key, String value) {

    static Message of(String op, long id, long lsn, long transaction, long millis) {
      return new Message(
          "{\"id\":%d}".formatted(id),
          """
          {"id":%d,"__op":"%s","__source_lsn":%d,"__source_txId":%d,"__source_ts_ms":%d}"""
              .formatted(id, op, lsn, transaction, millis));
    }
  }

  @BeforeEach
  void start() {
    stores =
        StateStores.in(
            folder.toUri().toString(),
            SPARK.session(),
            64,
            (location, version, cause) ->
                StateErrors.seenUnreadable("seen", location, version, cause));
    deduplication =
        new Deduplication(
            SPARK.session(),
            table.key(),
            WINDOW,
            stores,
            (batch, partitions) -> {
              Map<TopicPartition, Long> read = new HashMap<>();
              partitions.forEach(each -> read.put(each, versions.getOrDefault(each, 0L)));
              return read;
            });
  }

  @AfterEach
  void stop() {
    stores.close();
  }

  private static TableDefinition table(List<String> key) {
    return new TableDefinition(
        key,
        TextEncoding.NONE,
        Set.of(),
        OnError.REJECT,
        List.of(new ColumnDefinition("id", "id", DataTypes.LongType, TimeUnit.NONE)));
  }

  /** As a process does that has just started. */
  private void restart() {
    stop();
    start();
  }

  /** The changes that a batch of one partition gives, as {@code op id@lsn}. */
  private List<String> batch(Message... messages) throws Exception {
    return batch(Map.of(0, List.of(messages)));
  }

  private List<String> batch(Map<Integer, List<Message>> messages) throws Exception {
    List<String> given = run(messages);
    messages
        .keySet()
        .forEach(each -> versions.merge(new TopicPartition(TOPIC, each), 1L, Long::sum));
    messages.forEach((partition, all) -> offsets.merge(partition, (long) all.size(), Long::sum));
    batchId++;
    return given;
  }

  /** The same, once more or to be run once more. */
  private List<String> run(Map<Integer, List<Message>> messages) throws Exception {
    List<Integer> partitions = messages.keySet().stream().sorted().toList();
    List<SourceRange> ranges =
        partitions.stream()
            .map(
                each ->
                    new SourceRange(
                        TOPIC,
                        0,
                        each,
                        offsets.getOrDefault(each, 0L),
                        offsets.getOrDefault(each, 0L) + messages.get(each).size()))
            .toList();
    Batch batch =
        new Batch(batchId, "query", false, raw(messages, partitions), rdd -> Optional.of(ranges));
    KafkaSourceDefinition source =
        new KafkaSourceDefinition("localhost:9092", TOPIC, "earliest", 1, Map.of());
    BatchDecoder decoder = new MessageBatchDecoder(MessageForm.DEBEZIUM, table, source);
    try (DecodedBatch read =
            decoder.decode(batch.rows(), deduplication.columns(Set.of("id", "offset")), true);
        DeduplicatedBatch first =
            deduplication.of(SPARK.session(), read, batch, Optional.empty())) {
      repeated = first.repeated();
      unknown = first.unknown();
      assertThat(first.metrics(true).counts().changes())
          .isEqualTo(messages.values().stream().mapToInt(List::size).sum());
      return first.rows().select("op", "id", "lsn", "offset").collectAsList().stream()
          .map(row -> row.get(0) + " " + row.get(1) + "@" + row.get(2))
          .toList();
    }
  }

  private static Dataset<Row> raw(Map<Integer, List<Message>> messages, List<Integer> partitions) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(SPARK.session().sparkContext());
    JavaRDD<Row> rows =
        partitions.stream()
            .map(partition -> context.parallelize(rows(partition, messages.get(partition)), 1))
            .reduce(JavaRDD::union)
            .orElseThrow();
    return SPARK.session().createDataFrame(rows, RAW);
  }

  private static List<Row> rows(int partition, List<Message> messages) {
    return IntStream.range(0, messages.size())
        .mapToObj(
            i ->
                RowFactory.create(
                    messages.get(i).key() == null ? null : messages.get(i).key().getBytes(UTF_8),
                    messages.get(i).value().getBytes(UTF_8),
                    null,
                    TOPIC,
                    partition,
                    (long) i))
        .toList();
  }

  @Test
  void changesThatAreSentAgainAreLeftOut() throws Exception {
    Message created = Message.of("c", 1, 100, 7, 1_000);
    // Twice in one transaction: same key, operation, transaction, time, and text.
    Message updated = Message.of("u", 1, 120, 8, 2_000);
    Message updatedAgain = Message.of("u", 1, 140, 8, 2_000);
    Message deleted = Message.of("d", 1, 160, 9, 3_000);

    assertThat(batch(created, updated, updatedAgain, updated, updatedAgain, deleted))
        .containsExactly("c 1@100", "u 1@120", "u 1@140", "d 1@160");
    assertThat(repeated).isEqualTo(2);

    restart();
    assertThat(batch(updated, updatedAgain, deleted, Message.of("c", 1, 180, 10, 4_000)))
        .containsExactly("c 1@180");
    assertThat(repeated).isEqualTo(3);
    assertThat(unknown).isZero();
  }

  @Test
  void rowsOfACopyShareAnLsnAndAreDifferentChanges() throws Exception {
    List<Message> copied =
        IntStream.range(0, 50).mapToObj(id -> Message.of("c", id, 500, 7, 1_000)).toList();
    List<Message> cut = new ArrayList<>(copied.subList(0, 20));
    cut.addAll(copied);

    assertThat(batch(cut.toArray(Message[]::new))).hasSize(50).doesNotHaveDuplicates();
    assertThat(repeated).isEqualTo(20);
  }

  @Test
  void anUpdateOfTheKeyIsTwoChangesAtOneLsn() throws Exception {
    Message[] moves = {
      Message.of("d", 1, 100, 7, 1_000), Message.of("c", 2, 100, 7, 1_000),
      Message.of("d", 2, 120, 7, 1_000), Message.of("c", 3, 120, 7, 1_000)
    };

    assertThat(batch(moves)).containsExactly("d 1@100", "c 2@100", "d 2@120", "c 3@120");
    assertThat(batch(moves)).isEmpty();
  }

  @Test
  void theWindowIsTimeOfTheSource() throws Exception {
    Message first = Message.of("c", 1, 100, 7, 0);
    Message second = Message.of("c", 2, 110, 7, 1);

    assertThat(batch(first, second, Message.of("c", 3, 120, 8, 10 * MINUTE))).hasSize(3);
    assertThat(batch(first, second)).isEmpty();
    assertThat(batch(Message.of("c", 4, 130, 9, 10 * MINUTE + 1))).hasSize(1);
    assertThat(batch(first, second)).as("one is beyond the window").containsExactly("c 1@100");
    assertThat(batch(first)).as("nothing older is remembered").containsExactly("c 1@100");
  }

  @Test
  void theWindowDoesNotDependOnTheBatches() throws Exception {
    Message old = Message.of("c", 1, 100, 7, 0);
    Message recent = Message.of("c", 2, 200, 8, 11 * MINUTE);

    assertThat(batch(old, recent, old, recent)).containsExactly("c 1@100", "c 2@200", "c 1@100");
  }

  @Test
  void rowsOfTwoIncrementalSnapshotsAreDifferentChanges() throws Exception {
    // They have the LSN and the transaction of the last streamed change.
    Message read = Message.of("r", 1, 100, 7, 5_000);
    Message readLater = Message.of("r", 1, 100, 7, 65_000);

    assertThat(batch(Message.of("u", 1, 100, 7, 1_000), read, readLater)).hasSize(3);
    assertThat(batch(read, readLater)).isEmpty();
  }

  @Test
  void aSnapshotDoesNotEndTheWindowOfAStreamThatIsHoursBehind() throws Exception {
    Message streamed = Message.of("u", 1, 100, 7, 0);
    Message read = Message.of("r", 2, 100, 7, 120 * MINUTE);

    assertThat(batch(streamed, read)).hasSize(2);
    assertThat(batch(streamed, read, Message.of("u", 1, 120, 8, MINUTE)))
        .containsExactly("u 1@120");
  }

  @Test
  void aServerThatWasRestoredMayUseAnLsnAgain() throws Exception {
    assertThat(
            batch(
                Message.of("u", 1, 100, 7, 1_000),
                Message.of("u", 1, 100, 8, 1_000),
                Message.of("u", 1, 100, 8, 2_000)))
        .hasSize(3);
  }

  @Test
  void whatCannotBeToldFromOthersIsDelivered() throws Exception {
    Message withoutLsn =
        new Message("{\"id\":1}", "{\"id\":1,\"__op\":\"u\",\"__source_ts_ms\":1000}");
    Message withoutTime =
        new Message("{\"id\":1}", "{\"id\":1,\"__op\":\"u\",\"__source_lsn\":100}");

    assertThat(batch(withoutLsn, withoutLsn, withoutTime, withoutTime)).hasSize(4);
    assertThat(repeated).isZero();
    assertThat(unknown).isEqualTo(4);
  }

  @Test
  void aTableWithoutAKeyIsToldByTheKeysOfItsMessages() throws Exception {
    table = table(List.of());
    restart();
    Message keyed = Message.of("u", 1, 100, 7, 1_000);
    Message other = new Message("{\"no\":2}", keyed.value());
    Message unkeyed = new Message(null, keyed.value());
    Message truncated =
        new Message(null, "{\"__op\":\"t\",\"__source_lsn\":100,\"__source_ts_ms\":1000}");

    assertThat(batch(keyed, other, keyed, other)).hasSize(2);
    // Two rows of a COPY may be equal.
    assertThat(batch(unkeyed, unkeyed)).hasSize(2);
    assertThat(unknown).isEqualTo(2);
    assertThat(batch(truncated, truncated)).hasSize(1);
  }

  @Test
  void theKeyOfTheMessageTellsRowsOfATableWhoseKeyIsDeclaredTooShort() throws Exception {
    Message line = Message.of("c", 1, 100, 7, 1_000);

    assertThat(batch(line, new Message("{\"id\":1,\"line\":2}", line.value()))).hasSize(2);
  }

  @Test
  void aBatchThatRunsAgainLeavesOutTheSame() throws Exception {
    Message first = Message.of("c", 1, 100, 7, 1_000);
    batch(first);
    Map<Integer, List<Message>> messages =
        Map.of(0, List.of(first, Message.of("c", 2, 120, 8, 2_000)), 3, List.of(first));

    for (int run = 0; run < 3; run++) {
      assertThat(run(messages)).containsExactly("c 2@120", "c 1@100");
      restart();
    }
    assertThat(batch(messages)).containsExactly("c 2@120", "c 1@100");
    assertThat(batch(messages)).isEmpty();
  }

  @Test
  void aPartitionIsComparedWithItselfAlone() throws Exception {
    Message change = Message.of("c", 1, 100, 7, 1_000);

    assertThat(batch(Map.of(0, List.of(change), 1, List.of(change)))).hasSize(2);
    assertThat(batch(Map.of(1, List.of(change)))).isEmpty();
    assertThat(batch(Map.of(2, List.of(change), 1, List.of(change)))).hasSize(1);
  }

  @Test
  void aLostVersionIsAnErrorWithAFix() throws Exception {
    batch(Message.of("c", 1, 100, 7, 1_000));
    versions.put(new TopicPartition(TOPIC, 0), 9L);
    restart();

    assertThatThrownBy(() -> batch(Message.of("c", 2, 120, 7, 1_000)))
        .satisfies(
            failure ->
                assertThat(ExceptionUtils.getThrowableList(failure))
                    .anySatisfy(
                        cause ->
                            assertThat(cause)
                                .hasMessageContaining("remembers for source.deduplicate")
                                .hasMessageContaining("version 9")
                                .hasMessageContaining("Remove this folder")));
  }

  @Test
  void theStateIsBoundedByTheWindow() throws Exception {
    int perBatch = 100;
    for (int batch = 0; batch < 25; batch++) {
      // A minute each.
      long first = batch * (long) perBatch;
      batch(
          IntStream.range(0, perBatch)
              .mapToObj(
                  i ->
                      Message.of(
                          i % 10 == 0 ? "r" : "u",
                          i,
                          first + i,
                          first + i,
                          (first + i) * MINUTE / perBatch))
              .toArray(Message[]::new));

      assertThat(entries()).isLessThanOrEqualTo(13 * perBatch);
    }
    assertThat(entries()).isGreaterThanOrEqualTo(10 * perBatch);
  }

  @Test
  void theStateOfAStreamThatIsBehindASnapshotIsBoundedToo() throws Exception {
    batch(Message.of("r", 0, 1, 1, 24 * 60 * MINUTE));
    for (int minute = 0; minute < 20; minute++) {
      batch(
          Message.of("u", 1, 10 + minute, 10 + minute, minute * MINUTE),
          Message.of("u", 2, 10 + minute, 10 + minute, minute * MINUTE));
    }

    assertThat(entries()).isBetween(2 * 10, 2 * 13 + 2);
  }

  private int entries() {
    StateStore store = stores.open(TOPIC, 0, versions.get(new TopicPartition(TOPIC, 0)));
    int count = 0;
    for (Iterator<?> all = store.scan(new byte[0]); all.hasNext(); all.next()) {
      count++;
    }
    store.abort();
    return count;
  }

  /** Random changes, redeliveries, batches, replays and restarts against a plain model. */
  @Test
  void givesWhatAPlainModelGives() throws Exception {
    long seed = System.nanoTime();
    System.out.printf("deduplication against a model: seed %d%n", seed);
    Random random = new Random(seed);
    List<Message> sent = new ArrayList<>();
    List<Long> times = new ArrayList<>();
    Map<String, Long> remembered = new HashMap<>();
    long time = 0;
    long newest = Long.MIN_VALUE;
    int position = 0;
    for (int batch = 0; batch < 20; batch++) {
      List<Message> messages = new ArrayList<>();
      List<String> expected = new ArrayList<>();
      for (int i = random.nextInt(40); i >= 0; i--) {
        if (position > 0 && random.nextInt(8) == 0) {
          // From here on it is sent again.
          position = Math.max(0, position - 1 - random.nextInt(40));
        }
        if (position == sent.size()) {
          time += random.nextInt(4) == 0 ? random.nextInt((int) MINUTE) : 0;
          // Some LSNs are of several rows.
          sent.add(Message.of("c", random.nextInt(9), position / 3, position / 5, time));
          times.add(time);
        }
        Message message = sent.get(position);
        long micros = times.get(position);
        newest = Math.max(newest, micros);
        boolean isBeyond = micros < newest - WINDOW.toMillis();
        boolean isFirst = isBeyond || !remembered.containsKey(message.value());
        if (!isBeyond) {
          remembered.put(message.value(), micros);
        }
        messages.add(message);
        if (isFirst) {
          expected.add(message.value().replaceAll(".*\"id\":(\\d+).*_lsn\":(\\d+).*", "c $1@$2"));
        }
        position++;
      }
      for (int replays = random.nextInt(3); replays > 0; replays--) {
        assertThat(run(Map.of(0, messages))).as("seed %d", seed).isEqualTo(expected);
        if (random.nextBoolean()) {
          restart();
        }
      }
      assertThat(batch(messages.toArray(Message[]::new))).as("seed %d", seed).isEqualTo(expected);
    }
  }
}
