package dev.millrace.sink.kafka;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition.Create;
import dev.millrace.config.SinkDefinition.KafkaSink;
import dev.millrace.config.SinkDefinition.KafkaSink.Format;
import dev.millrace.error.PositionErrors;
import dev.millrace.error.SinkErrors;
import dev.millrace.event.SourceRange;
import dev.millrace.kafka.KafkaConnection;
import dev.millrace.kafka.KafkaTopics;
import dev.millrace.sink.Batch;
import dev.millrace.sink.PlannedRows;
import dev.millrace.sink.Sink;
import dev.millrace.sink.StorageLimit;
import dev.millrace.sink.kafka.BatchTransactions.Unit;
import dev.millrace.sql.Columns;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A Kafka topic, each row once for readers with {@code isolation.level=read_committed}.
 *
 * <p>A transaction holds the rows of one unit of delivery or several and, in a topic of marks next
 * to the output's, the mark of each; all become visible together. A transaction that a crash left
 * open is fenced by the next producer of its transactional id; a unit that was committed is found
 * by its mark and left out, regardless of the transaction that it was in.
 *
 * <p>Where every partition of the rows stems from one range of one source partition, each is a unit
 * and its mark is the end of that range: Spark may order ranges differently in a replay, but their
 * ends stay. {@link BatchTransactions} puts the units of a small batch together. Otherwise
 * (aggregates, row functions) the batch is the unit: one task writes all its rows, and its mark is
 * the batch's id. So such a batch becomes visible whole, and a result that a replay computes
 * differently (ties of {@code row_number()}) can't be mixed from two runs.
 *
 * <p>A record's key is the JSON of the output's key columns (null where it has none), its value the
 * JSON of the row, nulls included, timestamps as ISO-8601 in UTC with microseconds. With {@link
 * Format#RAW} they are the row's columns {@code key} and {@code value}, either of them may be null.
 * The header {@value TransactionalWrite#OUTPUT_HEADER} names the output.
 */
public final class KafkaTransactionalSink implements Sink {

  private static final Map<String, String> JSON_OPTIONS =
      Map.of(
          "ignoreNullFields", "false",
          "timestampFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
          "timestampNTZFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSS");

  /** For what a record has next to key and value. */
  private static final long RECORD_OVERHEAD = 1024;

  /** A control character takes six bytes in JSON; the key's columns are in key and value. */
  private static final long MAX_BYTES_OF_AN_ESCAPE = 12;

  /** Of a number or a time, twice, and of the field's name. */
  private static final long MAX_BYTES_OF_A_FIELD = 512;

  static final String BATCH_UNIT = "batch";
  private static final int MAX_TOPIC_NAME = 249;

  /** A reader that stopped for less than that still learns what was deleted. */
  private static final String DELETE_RETENTION_MILLIS = "86400000";

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final KafkaSink definition;
  private final String pipeline;
  private final OutputDefinition output;
  private final String marksTopic;
  private final KafkaConnection connection;
  private final boolean isCompacted;
  private final Map<String, Integer> marksPartitions = new HashMap<>();
  private final Map<String, String> identities = new TreeMap<>();
  private Broadcast<TransactionalProducers> producers;

  /** What the topic takes in a batch of one record, compressed. */
  private long topicBytes = Long.MAX_VALUE;

  public KafkaTransactionalSink(KafkaSink definition, String pipeline, OutputDefinition output) {
    this(definition, pipeline, output, false);
  }

  /**
   * A topic that holds a view: the newest record of each key is a row, a tombstone removes one. The
   * rows that are delivered are the records.
   */
  public static KafkaTransactionalSink ofView(
      KafkaSink definition, String pipeline, OutputDefinition output) {
    return new KafkaTransactionalSink(
        new KafkaSink(
            definition.bootstrapServers(),
            definition.topic(),
            Format.RAW,
            definition.create(),
            definition.options()),
        pipeline,
        output,
        true);
  }

  private KafkaTransactionalSink(
      KafkaSink definition, String pipeline, OutputDefinition output, boolean isCompacted) {
    this.isCompacted = isCompacted;
    this.definition = definition;
    this.pipeline = pipeline;
    this.output = output;
    this.connection = KafkaConnection.of(definition);
    this.marksTopic = marksTopic(pipeline, output.name(), definition.topic());
  }

  public static String marksTopic(String pipeline, String output, String topic) {
    return String.join(".", "millrace", pipeline, output, topic, "marks");
  }

  @Override
  public void begin(String queryId, long firstBatch) throws InterruptedException {
    // Other topics of the source add ".1" and so on.
    if (marksTopic.length() > MAX_TOPIC_NAME - 2) {
      throw PositionErrors.marksNameTooLong(marksTopic, MAX_TOPIC_NAME - 2);
    }
    administer(
        topics -> {
          begin(topics, queryId, firstBatch);
          return null;
        });
  }

  private void begin(KafkaTopics topics, String queryId, long firstBatch)
      throws InterruptedException {
    if (definition.create() == Create.NEVER && topics.described(definition.topic()).isEmpty()) {
      throw SinkErrors.missingTopic(definition.topic(), definition.bootstrapServers());
    }
    TopicDescription topic =
        topics.existing(
            new NewTopic(definition.topic(), Optional.empty(), Optional.empty())
                .configs(topicConfigs()));
    if (isCompacted) {
      requireCompaction(topics);
    }
    topicBytes =
        setting(topics, definition.topic(), TopicConfig.MAX_MESSAGE_BYTES_CONFIG)
            .map(Long::valueOf)
            .orElse(Long.MAX_VALUE);
    marksPartitions.put(marksTopic, topics.existing(marks(marksTopic)).partitions().size());
    examineMarks(topics);
    DeliveryOwner owner =
        new DeliveryOwner(
            queryId, topic.topicId().toString(), isCompacted ? topic.partitions().size() : 0);
    Optional<DeliveryOwner> found = DeliveryOwner.read(connection, marksTopic);
    if (found.isEmpty() && firstBatch > 0) {
      throw SinkErrors.missingTopicOutput(definition.topic(), firstBatch);
    }
    if (found.isEmpty()) {
      owner.write(connection, marksTopic);
    } else if (!found.get().queryId().equals(queryId)) {
      throw SinkErrors.foreignTopic(
          definition.topic(), output.name(), marksTopic, found.get().queryId(), queryId);
    } else if (found.get().partitions() > 0
        && found.get().partitions() != owner.partitions()
        && found.get().topicId().equals(owner.topicId())) {
      throw SinkErrors.partitionsAdded(
          definition.topic(), output.name(), found.get().partitions(), owner.partitions());
    } else if (!found.get().topicId().equals(owner.topicId())) {
      throw SinkErrors.missingTopicOutput(definition.topic(), firstBatch);
    }
  }

  private Map<String, String> topicConfigs() {
    Map<String, String> configs = new HashMap<>();
    configs.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, TransactionalProducers.MAX_REQUEST_BYTES);
    if (isCompacted) {
      configs.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
      configs.put(TopicConfig.DELETE_RETENTION_MS_CONFIG, DELETE_RETENTION_MILLIS);
    }
    return configs;
  }

  /** A topic that drops old records would lose rows of the view. */
  private void requireCompaction(KafkaTopics topics) {
    String policy = topics.setting(definition.topic(), TopicConfig.CLEANUP_POLICY_CONFIG);
    if (!policy.equals(TopicConfig.CLEANUP_POLICY_COMPACT)) {
      throw SinkErrors.topicNotCompacted(definition.topic(), output.name(), policy);
    }
  }

  @Override
  public List<StorageLimit> limits(StructType result) {
    long most =
        Long.parseLong(
            definition
                .options()
                .getOrDefault("max.request.size", TransactionalProducers.MAX_REQUEST_BYTES));
    List<StorageLimit> limits = new ArrayList<>();
    limits.add(
        new StorageLimit(
            isLarger(result, most - RECORD_OVERHEAD), null, SinkErrors.recordTooLarge(most)));
    if (topicBytes < most) {
      String compression =
          definition.options().getOrDefault("compression.type", TransactionalProducers.COMPRESSION);
      Column size =
          functions
              .udf(new RecordSize(compression, output.name()), DataTypes.IntegerType)
              .apply(keyOf().cast("binary"), valueOf(result).cast("binary"));
      limits.add(
          new StorageLimit(
              isLarger(result, topicBytes - RECORD_OVERHEAD).and(size.gt(topicBytes)),
              null,
              SinkErrors.recordTooLargeForTopic(topicBytes)));
    }
    return limits;
  }

  /** Whether key and value have more bytes, uncompressed. */
  private Column isLarger(StructType result, long bytes) {
    return mayExceed(result, bytes)
        .and(lengthOf(valueOf(result)).plus(lengthOf(keyOf())).gt(bytes));
  }

  private Column valueOf(StructType result) {
    return definition.format() == Format.RAW
        ? functions.col(TransactionalWrite.VALUE)
        : json(Arrays.stream(result.fieldNames()).map(Columns::named).toArray(Column[]::new));
  }

  private Column keyOf() {
    return definition.format() == Format.RAW ? functions.col(TransactionalWrite.KEY) : key();
  }

  /** Cheaper than to write the JSON of every row twice: whether it could be that long. */
  private static Column mayExceed(StructType result, long most) {
    Column texts = functions.lit(0L);
    for (StructField field : result.fields()) {
      Column column = Columns.named(field.name());
      DataType type = field.dataType();
      boolean isNested =
          type instanceof StructType || type instanceof ArrayType || type instanceof MapType;
      if (isNested) {
        texts = texts.plus(lengthOf(json(column)));
      } else if (type instanceof StringType || type instanceof BinaryType) {
        texts = texts.plus(lengthOf(column));
      }
    }
    return texts.multiply(MAX_BYTES_OF_AN_ESCAPE).gt(most - result.size() * MAX_BYTES_OF_A_FIELD);
  }

  private static Column lengthOf(Column value) {
    return functions.coalesce(functions.octet_length(value), functions.lit(0));
  }

  @Override
  public Map<String, String> identities() {
    return Map.copyOf(identities);
  }

  /** Remembers which topics of marks there are, and makes sure that Kafka keeps the marks. */
  private void examineMarks(KafkaTopics topics) {
    for (String name : topics.names()) {
      if (!name.equals(marksTopic) && !name.matches(marksOfOthers())) {
        continue;
      }
      topics.described(name).ifPresent(topic -> identities.put(name, topic.topicId().toString()));
      Optional<String> policy = setting(topics, name, TopicConfig.CLEANUP_POLICY_CONFIG);
      if (policy.isPresent() && !policy.get().equals(TopicConfig.CLEANUP_POLICY_COMPACT)) {
        throw PositionErrors.marksExpire(name, policy.get());
      }
    }
  }

  /** A setting of a topic; empty for a user who may not see it, who can still deliver. */
  private static Optional<String> setting(KafkaTopics topics, String topic, String name) {
    try {
      return Optional.of(topics.setting(topic, name));
    } catch (AuthorizationException e) {
      return Optional.empty();
    }
  }

  private String marksOfOthers() {
    return Pattern.quote(marksTopic) + "\\.\\d+";
  }

  @Override
  public Delivery deliver(Batch batch) throws InterruptedException {
    PlannedRows records = batch.planned(this::records);
    Optional<List<SourceRange>> ranges = batch.sourceRanges().apply(records.rdd());
    if (ranges.isEmpty()) {
      Unit whole = new Unit(BATCH_UNIT, marksTopic, 0, batch.id());
      deliver(
          batch, PlannedRows.of(inOneTask(records(batch.rows()))), BatchTransactions.whole(whole));
      return Delivery.DELIVERED;
    }
    List<Unit> units = ranges.get().stream().map(this::unit).toList();
    if (batch.isReplay()) {
      // An earlier release, or a setting, may have put the ranges into other transactions.
      fence(ranges.get(), units);
    }
    deliver(batch, records, BatchTransactions.of(ranges.get(), units));
    return Delivery.DELIVERED;
  }

  private void fence(List<SourceRange> ranges, List<Unit> units) throws InterruptedException {
    Set<String> ids = new TreeSet<>();
    for (int index = 0; index < units.size(); index++) {
      if (!ranges.get(index).isEmpty()) {
        ids.add(transactionalIdPrefix() + "/" + units.get(index).name());
        ids.add(transactionalIdPrefix() + "/" + BatchTransactions.together(ranges.get(index)));
      }
    }
    administer(
        topics -> {
          topics.fence(ids);
          return null;
        });
  }

  private String transactionalIdPrefix() {
    return String.join("/", "millrace", pipeline, output.name(), definition.topic());
  }

  private void deliver(Batch batch, PlannedRows records, BatchTransactions transactions)
      throws InterruptedException {
    Map<String, Integer> lastPartitions = new HashMap<>();
    transactions
        .units()
        .forEach(unit -> lastPartitions.merge(unit.marksTopic(), unit.marksPartition(), Math::max));
    for (Map.Entry<String, Integer> last : lastPartitions.entrySet()) {
      growMarks(last.getKey(), last.getValue() + 1);
    }
    if (transactions.transactions().isEmpty()) {
      return;
    }
    if (producers == null) {
      producers =
          JavaSparkContext.fromSparkContext(records.rdd().sparkContext())
              .broadcast(new TransactionalProducers(connection));
    }
    TransactionalWrite.Records made =
        new TransactionalWrite.Records(definition.topic(), output.name());
    TransactionalWrite write =
        new TransactionalWrite(
            producers,
            transactionalIdPrefix(),
            definition.topic(),
            output.name(),
            batch.id(),
            transactions);
    records.run(
        "kafka",
        rows ->
            TaskPartitions.of(transactions)
                .of(rows.mapPartitionsWithIndex(made, true))
                .mapPartitionsWithIndex(write, true)
                .count());
  }

  private Unit unit(SourceRange range) {
    return new Unit(
        range.topic() + "-" + range.partition(),
        marksTopic(range.topicIndex()),
        range.partition(),
        range.until());
  }

  /** Each topic of the source has marks of its own, so that its partitions may become more. */
  private String marksTopic(int sourceTopic) {
    return sourceTopic == 0 ? marksTopic : marksTopic + "." + sourceTopic;
  }

  private static NewTopic marks(String topic) {
    return new NewTopic(topic, Optional.of(1), Optional.empty())
        .configs(
            Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT,
                TopicConfig.SEGMENT_MS_CONFIG, "3600000",
                TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG, "0.1"));
  }

  /**
   * A shuffle before the one task keeps an aggregate's own tasks parallel; the rows of a batch's
   * own SQL may be sorted, which only {@code coalesce} preserves.
   */
  private Dataset<Row> inOneTask(Dataset<Row> records) {
    return output.scope() == OutputDefinition.Scope.BATCH
        ? records.coalesce(1)
        : records.repartition(1);
  }

  private Dataset<Row> records(Dataset<Row> rows) {
    if (definition.format() == Format.RAW) {
      return rows.select(
          functions.col(TransactionalWrite.KEY).cast("binary"),
          functions.col(TransactionalWrite.VALUE).cast("binary"));
    }
    return rows.select(
        key().cast("binary").as(TransactionalWrite.KEY),
        json(functions.col("*")).cast("binary").as(TransactionalWrite.VALUE));
  }

  private Column key() {
    return output.key().isEmpty()
        ? functions.lit(null).cast("string")
        : json(output.key().stream().map(functions::col).toArray(Column[]::new));
  }

  private static Column json(Column... columns) {
    return functions.to_json(functions.struct(columns), JSON_OPTIONS);
  }

  private void growMarks(String topic, int partitions) throws InterruptedException {
    if (marksPartitions.getOrDefault(topic, 0) >= partitions) {
      return;
    }
    administer(
        topics -> {
          int found = topics.existing(marks(topic)).partitions().size();
          if (found < partitions) {
            topics.growTo(topic, partitions);
          }
          marksPartitions.put(topic, Math.max(found, partitions));
          return null;
        });
  }

  private interface Administration<T> {
    T apply(KafkaTopics topics) throws InterruptedException;
  }

  private <T> T administer(Administration<T> action) throws InterruptedException {
    try (KafkaTopics topics = new KafkaTopics(connection, TIMEOUT)) {
      return action.apply(topics);
    } catch (InterruptException e) {
      // Kafka leaves the thread interrupted; an InterruptedException stands for that.
      Thread.interrupted();
      throw (InterruptedException) new InterruptedException().initCause(e);
    } catch (KafkaException e) {
      throw SinkErrors.kafkaSinkUnusable(definition.topic(), definition.bootstrapServers(), e);
    }
  }

  @Override
  public void close() {
    if (producers != null) {
      producers.value().close();
      producers.destroy();
    }
  }
}
