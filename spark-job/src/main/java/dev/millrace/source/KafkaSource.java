package dev.millrace.source;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.when;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.KafkaSourceDefinition.Format;
import dev.millrace.config.SourceDefinition;
import dev.millrace.error.KafkaErrors;
import dev.millrace.error.UserException;
import dev.millrace.event.ChangeColumns;
import dev.millrace.event.MessageColumns;
import dev.millrace.event.RawColumns;
import dev.millrace.event.ReplayHeaders;
import dev.millrace.retry.Backoff;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.kafka010.KafkaRecordToRowConverter;

/**
 * The topics of a Kafka source, a stream of undecoded messages: {@code key}, {@code value}, when
 * they were written and where they are. Only messages of committed transactions are read.
 */
record KafkaSource(KafkaSourceDefinition source, Consumer<String> progress) implements Source {

  static final Duration TIMEOUT = Duration.ofSeconds(10);

  /**
   * What a consumer fetches at once. Spark's defaults (500 records, 1 MiB a partition) cost a third
   * of the throughput on messages of a kilobyte.
   *
   * <p>The wait: a consumer asks for more while it hands out what it has. At the end of a
   * partition, where each task of a live job ends, the broker holds that request back for this
   * long, and behind it Spark's question for the partition's offsets, as a broker answers a
   * connection in order. With Kafka's 500 ms each task stands still for half a second.
   */
  private static final Map<String, String> CONSUMER_DEFAULTS =
      Map.of(
          "kafka.max.poll.records", "5000",
          "kafka.max.partition.fetch.bytes", "10485760",
          "kafka.fetch.max.bytes", "52428800",
          "kafka.fetch.max.wait.ms", "5");

  @Override
  public Dataset<Row> open(SparkSession session) {
    return columns(loaded(session));
  }

  @Override
  public Dataset<Row> open(SparkSession session, BooleanSupplier isDue) {
    return columns(TickingTable.of(session, loaded(session), isDue));
  }

  private Dataset<Row> columns(Dataset<Row> messages) {
    return messages.select(columns(source.format()).toArray(Column[]::new));
  }

  private Dataset<Row> loaded(SparkSession session) {
    Map<String, String> options = options();
    options.put("subscribe", String.join(",", source.topics()));
    options.put("startingOffsets", startingOffsets());
    options.put("maxOffsetsPerTrigger", Long.toString(source.maxOffsetsPerTrigger()));
    return session.readStream().format("kafka").options(options).load();
  }

  /**
   * {@inheritDoc} Those that the reader makes: the plan of a stream copies each of them, the value
   * twice, regardless of what it does to them.
   */
  @Override
  public Dataset<Row> unplanned(Dataset<Row> batch) {
    return scanned(batch)
        .map(
            rdd ->
                batch
                    .sparkSession()
                    .internalCreateDataFrame(
                        rdd, KafkaRecordToRowConverter.kafkaSchema(false), false)
                    .select(columns(source.format()).toArray(Column[]::new)))
        .orElse(batch);
  }

  @Override
  public Optional<RDD<InternalRow>> scanned(Dataset<Row> batch) {
    return Lineage.readerRows(Lineage.rows(batch));
  }

  /**
   * {@inheritDoc} That is the headers: Debezium sends four with every message, and to make rows of
   * them costs about as much as to decode the message.
   */
  @Override
  public Dataset<Row> complete(Dataset<Row> batch) {
    BatchOffsets offsets =
        new BatchOffsets(
            SourceRanges.ofTasks(batch.queryExecution().toRdd(), source.topics()).orElseThrow());
    if (source.format() == Format.RAW || offsets.isEmpty()) {
      return batch;
    }
    List<Column> columns = new ArrayList<>(columns(source.format()));
    columns.add(columns.indexOf(col(RawColumns.TIMESTAMP)), col(RawColumns.HEADERS));
    return withHeaders(batch.sparkSession(), offsets).select(columns.toArray(Column[]::new));
  }

  @Override
  public Dataset<Row> between(SparkSession session, KafkaPosition start, KafkaPosition end) {
    Map<String, String> options = options();
    options.put("subscribe", String.join(",", source.topics()));
    options.put("startingOffsets", start.toJson());
    options.put("endingOffsets", end.toJson());
    return columns(session.read().format("kafka").options(options).load());
  }

  /** {@inheritDoc} Headers are costly, so they are read of the replayed messages alone. */
  @Override
  public Dataset<Row> atOrigins(Dataset<Row> batch) {
    if (source.replayTopic().isEmpty()) {
      return batch;
    }
    String replayTopic = source.replayTopic().get();
    BatchOffsets replays =
        new BatchOffsets(
            SourceRanges.ofTasks(batch.queryExecution().toRdd(), source.topics())
                .orElseThrow()
                .stream()
                .filter(range -> range.topic().equals(replayTopic))
                .toList());
    if (replays.isEmpty()) {
      return batch;
    }
    Column isKnown =
        origin(ReplayHeaders.TOPIC, "string")
            .equalTo(source.topic())
            .and(origin(ReplayHeaders.PARTITION, "int").isNotNull())
            .and(origin(ReplayHeaders.OFFSET, "bigint").isNotNull());
    Dataset<Row> replayed =
        withHeaders(batch.sparkSession(), replays)
            .withColumn(
                ChangeColumns.TOPIC,
                when(isKnown, origin(ReplayHeaders.TOPIC, "string"))
                    .otherwise(col(ChangeColumns.TOPIC)))
            .withColumn(
                ChangeColumns.PARTITION,
                when(isKnown, origin(ReplayHeaders.PARTITION, "int"))
                    .otherwise(col(ChangeColumns.PARTITION)))
            .withColumn(
                ChangeColumns.OFFSET,
                when(isKnown, origin(ReplayHeaders.OFFSET, "bigint"))
                    .otherwise(col(ChangeColumns.OFFSET)))
            .select(columns(source.format()).toArray(Column[]::new));
    return batch.where(col(ChangeColumns.TOPIC).notEqual(replayTopic)).unionByName(replayed);
  }

  /** The value of a header; null where there is none, or it is not of that type. */
  private static Column origin(String header, String type) {
    return expr(
        "try_cast(decode(filter(%s, each -> each.key = '%s')[0].value, 'UTF-8') AS %s)"
            .formatted(RawColumns.HEADERS, header, type));
  }

  /** Kafka's own columns, headers among them, of the messages at these offsets. */
  private Dataset<Row> withHeaders(SparkSession session, BatchOffsets offsets) {
    Map<String, String> options = options();
    options.put("assign", offsets.partitions());
    options.put("startingOffsets", offsets.starts());
    options.put("endingOffsets", offsets.ends());
    options.put("includeHeaders", "true");
    return session.read().format("kafka").options(options).load();
  }

  private Map<String, String> options() {
    Map<String, String> options = new HashMap<>(CONSUMER_DEFAULTS);
    options.putAll(source.options());
    options.put("kafka.bootstrap.servers", source.bootstrapServers());
    options.put("kafka.isolation.level", "read_committed");
    return options;
  }

  /** What a stream of Kafka's columns results in. */
  static List<Column> columns(Format format) {
    boolean isText = format == Format.RAW;
    Stream<Column> content =
        Stream.of(RawColumns.KEY, RawColumns.VALUE)
            .map(name -> isText ? col(name).cast("string").as(name) : col(name));
    Column timestamp = col(RawColumns.TIMESTAMP);
    Stream<Column> written =
        switch (format) {
          case DEBEZIUM_JSON -> Stream.of(timestamp);
          case JSON -> Stream.of(timestamp, timestamp.as(MessageColumns.MESSAGE_TIMESTAMP));
          case RAW -> Stream.of(timestamp.as(MessageColumns.MESSAGE_TIMESTAMP));
        };
    Stream<Column> position = ChangeColumns.POSITION.stream().map(column -> col(column.name()));
    return Stream.of(content, written, position).flatMap(part -> part).toList();
  }

  /** Spark wants an offset for every partition, so the replay topic begins with its first. */
  private String startingOffsets() {
    String offsets = source.startingOffsets();
    if (source.replayTopic().isEmpty() || !offsets.startsWith("{")) {
      return offsets;
    }
    try (SourceTopics topics = new SourceTopics(source)) {
      int partitions = topics.partitions(source.replayTopic().get()).orElse(0);
      String earliest =
          IntStream.range(0, partitions)
              .mapToObj(partition -> "\"" + partition + "\":-2")
              .collect(Collectors.joining(",", "{", "}"));
      return offsets.strip().replaceFirst("}$", "")
          + (",\"" + source.replayTopic().get() + "\":" + earliest + "}");
    }
  }

  @Override
  public SourceDefinition check() throws InterruptedException {
    Backoff backoff = new Backoff(source.retryTimeout());
    while (true) {
      Problem problem = problem();
      if (problem == null) {
        return source;
      }
      if (!backoff.mayTryAgain()) {
        throw problem.error();
      }
      progress.accept(
          KafkaErrors.stillTrying(problem.description(), source.retryTimeout(), backoff.delay()));
      backoff.pause();
    }
  }

  @Override
  public Map<Integer, Long> highWatermarks() throws InterruptedException {
    Backoff backoff = new Backoff(source.retryTimeout());
    while (true) {
      try (SourceTopics topics = new SourceTopics(source)) {
        Map<Integer, Long> ends = new TreeMap<>();
        topics
            .offsets()
            .forEach(
                (partition, range) -> {
                  if (partition.topic().equals(source.topic())) {
                    ends.put(partition.partition(), range.end());
                  }
                });
        return ends;
      } catch (UserException e) {
        if (!SourceTopics.isOutage(e) || !backoff.mayTryAgain()) {
          throw e;
        }
        backoff.pause();
      }
    }
  }

  /**
   * Why the source can't be read yet.
   *
   * @param error thrown if it stays so
   */
  private record Problem(String description, UserException error) {}

  /** Null if every topic is there. */
  private Problem problem() {
    try (SourceTopics topics = new SourceTopics(source)) {
      return topics
          .missing()
          .map(
              missing ->
                  new Problem(
                      KafkaErrors.noTopicYet(missing.topic(), source.bootstrapServers()),
                      missing.error()))
          .orElse(null);
    } catch (UserException e) {
      if (!SourceTopics.isOutage(e)) {
        throw e;
      }
      return new Problem(
          KafkaErrors.noBroker(source.bootstrapServers()),
          KafkaErrors.silentBroker(
              source.bootstrapServers(), TIMEOUT.plus(source.retryTimeout()), e));
    }
  }
}
