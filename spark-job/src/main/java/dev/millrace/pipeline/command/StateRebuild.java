package dev.millrace.pipeline.command;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.StateDefinition.Snapshots;
import dev.millrace.config.TableDefinition.MissingField;
import dev.millrace.console.Console;
import dev.millrace.decode.MessageForm;
import dev.millrace.error.QueryErrors;
import dev.millrace.error.StateErrors;
import dev.millrace.error.UserException;
import dev.millrace.kafka.OffsetRange;
import dev.millrace.pipeline.PipelineComposer;
import dev.millrace.pipeline.SinkConnectors;
import dev.millrace.pipeline.SparkSessions;
import dev.millrace.pipeline.ViewOutputs;
import dev.millrace.pipeline.batch.BatchDecoder;
import dev.millrace.pipeline.batch.DecodedBatch;
import dev.millrace.pipeline.batch.MessageBatchDecoder;
import dev.millrace.pipeline.checkpoint.CheckpointLayout;
import dev.millrace.pipeline.checkpoint.CheckpointLog;
import dev.millrace.pipeline.checkpoint.PositionGuard;
import dev.millrace.pipeline.checkpoint.StateLease;
import dev.millrace.pipeline.checkpoint.TableLayoutFile;
import dev.millrace.pipeline.lookup.Lookups;
import dev.millrace.source.KafkaPosition;
import dev.millrace.source.Source;
import dev.millrace.source.SourceTopics;
import dev.millrace.source.Sources;
import dev.millrace.sql.Columns;
import dev.millrace.state.StateStores;
import dev.millrace.view.BatchLookups;
import dev.millrace.view.StoredViews;
import dev.millrace.view.ViewBatch;
import dev.millrace.view.ViewEngine;
import dev.millrace.view.table.TableLayout;
import dev.millrace.view.table.TopicEnds;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Makes the state of a pipeline's views again, from all messages that the topic has, next to the
 * one there is, which it then replaces. The position stays; the next batch delivers the whole
 * result of each view. No run of the pipeline may be under way. Driver only.
 */
public final class StateRebuild {

  private static final String UNREADABLE =
      "The state there was can't be read, so its rows are not compared; './millrace verify"
          + " PIPELINE' compares the new one with Postgres.";

  private final PrintWriter out;
  private final Console console;
  private PipelineDefinition pipeline;

  /**
   * A rebuild of the state of a pipeline's views.
   *
   * @param out where the progress is printed
   */
  public StateRebuild(PipelineDefinition pipeline, PrintWriter out) {
    this.pipeline = pipeline;
    this.out = out;
    this.console = new Console(out);
  }

  /**
   * Rebuilds the state.
   *
   * @throws UserException where a run is under way, or a row of the table has no message in the
   *     topic any more that tells all its columns; the state is left as it is then
   */
  public void run() throws InterruptedException {
    try (SparkSession session =
        SparkSessions.open("millrace rebuild " + pipeline.name(), pipeline.sparkConf())) {
      runIn(session);
    }
  }

  /** The same in a session of the caller's, which stays open. */
  public void runIn(SparkSession session) throws InterruptedException {
    Source source = Sources.of(pipeline.source(), console::say);
    pipeline = pipeline.withSource(source.check());
    ViewOutputs views =
        ViewOutputs.plan(
                session,
                pipeline,
                Lookups.open(pipeline.lookups(), session.sparkContext().hadoopConfiguration(), out)
                    .relations(),
                SinkConnectors.STANDARD)
            .orElseThrow(() -> StateErrors.noViews(pipeline.name()));
    CheckpointLayout checkpoints =
        new CheckpointLayout(pipeline, session.sparkContext().hadoopConfiguration());
    CheckpointLog log = checkpoints.log(views.query());
    if (log.committed().isEmpty() && log.unfinished().isEmpty()) {
      throw StateErrors.noBatchYet(
          pipeline.name(), checkpoints.of(views.query()).toUri().getPath());
    }
    new PositionGuard(pipeline, checkpoints, Set.of(), console::say)
        .require(views.query(), Optional.empty());
    try (StateLease lease = checkpoints.lease(views.query())) {
      lease.take();
      rebuild(session, source, views, checkpoints, lease);
    }
  }

  private void rebuild(
      SparkSession session,
      Source source,
      ViewOutputs views,
      CheckpointLayout checkpoints,
      StateLease lease)
      throws InterruptedException {
    OutputDefinition query = views.query();
    CheckpointLog log = checkpoints.log(query);
    TableLayout layout = views.layout();
    Optional<TableLayout> before = stored(checkpoints.tableLayout(query), layout);
    checkpoints.removeRebuiltState(query);
    StateStores made = checkpoints.rebuiltStores(query, session);
    long parts;
    try {
      parts = fold(session, source, views, log, made, before);
      OptionalLong committed = log.committed();
      if (before.isPresent() && committed.isPresent()) {
        requireAllRows(
            session,
            new StoredViews(
                before.get(),
                checkpoints.stores(query, session),
                committed.getAsLong() + 1,
                Map.of()),
            new StoredViews(layout, made, parts, Map.of()),
            layout);
      }
      console.say(
          "%s: %,d rows from the topic"
              .formatted(
                  layout.name(),
                  new StoredViews(layout, made, parts, Map.of()).table(session).count()));
    } finally {
      made.close();
    }
    lease.require();
    long last = log.unfinished().orElseGet(() -> log.committed().orElseThrow());
    // In this order, so that a run that follows a kill in between finds either state that it can
    // continue with, or none, which it reports.
    checkpoints.viewLog(query).forget(last);
    log.commit(last);
    checkpoints.replaceState(query, layout, parts - (last + 1));
    console.say(
        "The state is rebuilt. The next batch, which begins with the next change, delivers the"
            + " whole result of each view.");
  }

  /** The layout of the state there is; empty where that is lost or can't be read. */
  private Optional<TableLayout> stored(TableLayoutFile file, TableLayout wanted) {
    try {
      return file.stored(wanted);
    } catch (UserException e) {
      console.say(UNREADABLE);
      return Optional.empty();
    }
  }

  /**
   * Folds all messages of the topics in parts.
   *
   * @return how many parts: the version that the state has then
   */
  private long fold(
      SparkSession session,
      Source source,
      ViewOutputs views,
      CheckpointLog log,
      StateStores made,
      Optional<TableLayout> before)
      throws InterruptedException {
    KafkaSourceDefinition kafka = (KafkaSourceDefinition) pipeline.source();
    String topic = kafka.topic();
    Map<TopicPartition, OffsetRange> ranges = ranges(kafka, log);
    long messages = ranges.values().stream().mapToLong(OffsetRange::size).sum();
    long parts = 1 + messages / kafka.maxOffsetsPerTrigger();
    TableLayout layout = views.layout();
    boolean hasNewColumns =
        before.isPresent()
            && !Set.of(before.get().columns().fieldNames())
                .containsAll(List.of(layout.columns().fieldNames()));
    // A message from before a column existed does not tell its value, which a run takes for null.
    BatchDecoder decoder =
        new MessageBatchDecoder(
            MessageForm.of(kafka),
            hasNewColumns ? pipeline.table().with(MissingField.REJECT) : pipeline.table(),
            kafka);
    ViewEngine engine = new ViewEngine(layout, List.of(), List.of(), made);
    boolean areWhole = pipeline.state().snapshots() == Snapshots.WHOLE;
    for (long part = 0; part < parts; part++) {
      KafkaPosition start = at(ranges, part, parts);
      KafkaPosition end = at(ranges, part + 1, parts);
      Dataset<Row> rows = source.atOrigins(source.between(session, start, end));
      try (DecodedBatch decoded = decoder.decode(rows, views.neededColumns(), true);
          ViewBatch folded =
              engine.run(
                  part,
                  PipelineComposer.withOwnPartitions(decoded.rows(), topic),
                  Set.of(),
                  Set.of(),
                  Set.of(),
                  BatchLookups.NONE,
                  areWhole ? ends(source, topic, end) : TopicEnds.UNKNOWN,
                  0)) {
        console.say(
            "part %d of %d: %,d rows in the state"
                .formatted(part + 1, parts, folded.size().rows()));
      }
    }
    return parts;
  }

  /** From where the pipeline's first batch began, as far as the messages are still there. */
  private Map<TopicPartition, OffsetRange> ranges(KafkaSourceDefinition kafka, CheckpointLog log) {
    Map<TopicPartition, Long> first = KafkaPosition.parse(log.first().offsets().get(0)).offsets();
    Map<TopicPartition, OffsetRange> ranges = new TreeMap<>(KafkaPosition.ORDER);
    try (SourceTopics topics = new SourceTopics(kafka)) {
      topics
          .offsets()
          .forEach(
              (partition, there) -> {
                long start = Math.max(there.first(), first.getOrDefault(partition, 0L));
                ranges.put(partition, new OffsetRange(Math.min(start, there.end()), there.end()));
              });
    }
    return ranges;
  }

  private static KafkaPosition at(Map<TopicPartition, OffsetRange> ranges, long part, long parts) {
    Map<TopicPartition, Long> offsets = new TreeMap<>(KafkaPosition.ORDER);
    ranges.forEach(
        (partition, range) ->
            offsets.put(partition, range.first() + Math.floorDiv(range.size() * part, parts)));
    return KafkaPosition.of(offsets);
  }

  private static TopicEnds ends(Source source, String topic, KafkaPosition end) {
    return new TopicEnds() {
      @Override
      public Map<Integer, Long> ofBatch() {
        return end.ofTopic(topic);
      }

      @Override
      public Map<Integer, Long> highWatermarks() {
        try {
          return source.highWatermarks();
        } catch (InterruptedException e) {
          throw new InterruptException(e);
        }
      }
    };
  }

  /** Compares the keys, unless the state is lost: that is reported. */
  private void requireAllRows(
      SparkSession session, StoredViews before, StoredViews made, TableLayout layout) {
    Column[] key = layout.key().stream().map(Columns::named).toArray(Column[]::new);
    Dataset<Row> rows = before.table(session);
    if (!Arrays.asList(rows.columns()).containsAll(layout.key())) {
      console.say("The state there was has another key, so its rows are not compared.");
      return;
    }
    try {
      Dataset<Row> lost = rows.select(key).except(made.knownKeys(session));
      long count = lost.count();
      if (count > 0) {
        throw StateErrors.rowsNotInTopic(
            layout.name(), count, lost.limit(3).toJSON().collectAsList());
      }
    } catch (UserException e) {
      throw e;
    } catch (Exception e) {
      // Spark's exceptions are checked ones that its methods do not declare.
      if (ExceptionUtils.indexOfType(e, UserException.class) < 0) {
        throw QueryErrors.failed("pipeline " + pipeline.name(), e);
      }
      console.say(UNREADABLE);
    }
  }
}
