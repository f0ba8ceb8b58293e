package dev.millrace.pipeline.checkpoint;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.error.PositionErrors;
import dev.millrace.error.UserException;
import dev.millrace.kafka.OffsetRange;
import dev.millrace.source.KafkaPosition;
import dev.millrace.source.KafkaPositionCheck;
import dev.millrace.source.KafkaPositionCheck.Lost;
import dev.millrace.source.SourceTopics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.kafka.common.TopicPartition;

/**
 * Refuses to continue from a position that no longer means what it meant when it was written.
 * Driver only.
 */
public final class PositionGuard {

  private static final String FILE = "fingerprint.json";

  private final PipelineDefinition pipeline;
  private final CheckpointLayout checkpoints;
  private final Set<Acceptance> accepted;
  private final Consumer<String> progress;

  /**
   * A guard of the positions of a pipeline.
   *
   * @param accepted what may differ from the run before
   * @param progress takes lines for the user
   */
  public PositionGuard(
      PipelineDefinition pipeline,
      CheckpointLayout checkpoints,
      Set<Acceptance> accepted,
      Consumer<String> progress) {
    this.pipeline = pipeline;
    this.checkpoints = checkpoints;
    this.accepted = Set.copyOf(accepted);
    this.progress = progress;
  }

  /**
   * Checks the position of a query before it starts. A loss that is accepted is reported, and the
   * position moved behind it.
   *
   * @param stateColumns the columns that the query's state was made of; empty if it has none
   * @return what the position stands for from now on, for {@link #pin}
   * @throws dev.millrace.error.UserException with the command that resolves it
   */
  public RunFingerprint require(OutputDefinition output, Optional<Set<String>> stateColumns) {
    CheckpointLog log = checkpoints.log(output);
    Optional<RunFingerprint> before = before(output, log);
    Map<String, String> ids = Map.of();
    if (pipeline.source() instanceof KafkaSourceDefinition kafka) {
      try (SourceTopics topics = new SourceTopics(kafka)) {
        ids = topics.ids();
        Optional<CheckpointLog.Stored> start = log.start();
        Optional<CheckpointLog.Stored> end = log.end();
        if (before.isPresent() && (start.isPresent() || end.isPresent())) {
          requireSame(output, log, before.get().topics(), ids);
        }
        if (start.isPresent() && start.get().offsets().size() == 1) {
          requireOffsets(output, log, start.get(), end, topics.offsets());
        }
      }
    }
    RunFingerprint now = RunFingerprint.of(pipeline, output, ids);
    before.ifPresent(found -> requireDefinition(output, log, found, now, stateColumns));
    return before.map(found -> now.withSinkTopics(found.sinkTopics())).orElse(now);
  }

  /**
   * Throws what is wrong with the position of a query that has failed, if anything is.
   *
   * @param failure the cause
   * @throws UserException with the command that resolves it
   */
  public void explain(OutputDefinition output, Throwable failure) {
    if (ExceptionUtils.indexOfType(failure, UserException.class) >= 0) {
      return;
    }
    try {
      new PositionGuard(pipeline, checkpoints, Set.of(), progress)
          .require(output, Optional.empty());
    } catch (UserException e) {
      e.addSuppressed(failure);
      throw e;
    }
  }

  private Optional<RunFingerprint> before(OutputDefinition output, CheckpointLog log) {
    Optional<RunFingerprint> before = log.text(FILE).map(text -> parsed(output, log, text));
    if (before.isPresent()) {
      String owner = RunFingerprint.of(pipeline, output, Map.of()).owner();
      if (!before.get().owner().equals(owner)) {
        throw PositionErrors.foreignCheckpoint(
            output.name(), log.place(), before.get().owner(), owner);
      }
    }
    return before;
  }

  private static RunFingerprint parsed(OutputDefinition output, CheckpointLog log, String text) {
    try {
      int format = RunFingerprint.formatOf(text);
      if (format > RunFingerprint.FORMAT) {
        throw PositionErrors.newerFormat(output.name(), log.place(), format, RunFingerprint.FORMAT);
      }
      return RunFingerprint.parse(text);
    } catch (IllegalArgumentException e) {
      throw PositionErrors.damaged(
          output.name(), log.place(), "the file " + FILE + " can't be read", e);
    }
  }

  /**
   * Keeps what a position stands for, before the query's first batch.
   *
   * @param sinkTopics the identities of the topics that the query's sinks keep
   * @throws dev.millrace.error.UserException where one of them was replaced
   */
  public void pin(OutputDefinition output, RunFingerprint now, Map<String, String> sinkTopics) {
    CheckpointLog log = checkpoints.log(output);
    requireSame(output, log, now.sinkTopics(), sinkTopics);
    log.write(FILE, now.withSinkTopics(sinkTopics).toJson());
  }

  /** Topics that were not there before are new; those that were must be the same. */
  private static void requireSame(
      OutputDefinition output,
      CheckpointLog log,
      Map<String, String> before,
      Map<String, String> now) {
    List<String> replaced = new ArrayList<>();
    before.entrySet().stream()
        .filter(topic -> now.containsKey(topic.getKey()))
        .filter(topic -> !now.get(topic.getKey()).equals(topic.getValue()))
        .map(topic -> PositionErrors.replacedTopic(topic, now.get(topic.getKey())))
        .forEach(replaced::add);
    if (!replaced.isEmpty()) {
      throw PositionErrors.replacedTopics(output.name(), log.place(), replaced);
    }
  }

  private void requireOffsets(
      OutputDefinition output,
      CheckpointLog log,
      CheckpointLog.Stored start,
      Optional<CheckpointLog.Stored> end,
      Map<TopicPartition, OffsetRange> found) {
    KafkaPosition next = position(output, log, start);
    KafkaPosition last = end.map(stored -> position(output, log, stored)).orElse(next);
    KafkaPositionCheck check = KafkaPositionCheck.of(next, last, found);
    if (!check.foreignTopics().isEmpty()) {
      throw PositionErrors.otherTopics(
          output.name(), log.place(), check.foreignTopics(), pipeline.source().topics());
    }
    if (!check.beyond().isEmpty()) {
      throw PositionErrors.beyondTheEnd(output.name(), log.place(), check.beyond());
    }
    if (check.lost().isEmpty()) {
      return;
    }
    List<String> ranges = check.lost().stream().map(Lost::toString).toList();
    if (!accepted.contains(Acceptance.DATA_LOSS)) {
      throw PositionErrors.expired(output.name(), log.place(), check.lostCount(), ranges);
    }
    Map<TopicPartition, Long> first = new LinkedHashMap<>();
    check.lost().forEach(lost -> first.put(lost.partition(), lost.until()));
    // The end first: a crash in between leaves a batch that begins where it did.
    end.ifPresent(stored -> log.write(stored.with(List.of(last.notBefore(first).toJson()))));
    log.write(start.with(List.of(next.notBefore(first).toJson())));
    progress.accept(PositionErrors.accepted(output.name(), check.lostCount(), ranges));
  }

  private static KafkaPosition position(
      OutputDefinition output, CheckpointLog log, CheckpointLog.Stored stored) {
    try {
      return KafkaPosition.parse(stored.offsets().get(0));
    } catch (IllegalArgumentException e) {
      throw PositionErrors.damaged(
          output.name(),
          log.place(),
          "the file %s has no position in Kafka".formatted(stored.file().getName()),
          e);
    }
  }

  private void requireDefinition(
      OutputDefinition output,
      CheckpointLog log,
      RunFingerprint before,
      RunFingerprint now,
      Optional<Set<String>> stateColumns) {
    Set<String> all = new java.util.HashSet<>(before.columns().keySet());
    all.addAll(now.columns().keySet());
    OptionalLong unfinished = log.unfinished();
    List<String> differences = before.differences(now, all);
    if (unfinished.isPresent()
        && !differences.isEmpty()
        && !accepted.contains(Acceptance.NEW_DEFINITION)) {
      throw PositionErrors.otherDefinition(
          output.name(), log.place(), unfinished.getAsLong(), differences);
    }
    if (stateColumns.isPresent() && log.committed().isPresent()) {
      List<String> ofState = before.differences(now, stateColumns.get());
      if (!ofState.isEmpty()) {
        throw PositionErrors.otherState(output.name(), log.place(), ofState);
      }
    }
  }
}
