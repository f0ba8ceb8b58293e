package dev.millrace.pipeline;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.SourceDefinition.Contents;
import dev.millrace.config.TableDefinition;
import dev.millrace.error.InferErrors;
import dev.millrace.infer.ProposedTable;
import dev.millrace.infer.TableProposer;
import dev.millrace.infer.TopicSample;
import dev.millrace.source.KafkaSample;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Makes sure that a pipeline's table is known before its queries are planned. Driver only.
 *
 * <p>Where columns are declared they count. Where they are not, the first run infers them from the
 * schema that the topic's messages carry and keeps them with the checkpoints; every later run takes
 * those, whatever the topic says by then: Spark fixes types when it plans.
 */
final class TableAtStart {

  private static final int SAMPLE = 1_000;

  private final PipelineDefinition pipeline;
  private final FrozenTable frozen;
  private final PrintWriter out;

  TableAtStart(PipelineDefinition pipeline, FrozenTable frozen, PrintWriter out) {
    this.pipeline = pipeline;
    this.frozen = frozen;
    this.out = out;
  }

  /**
   * The pipeline with its table, without any look at the topic.
   *
   * @return empty where the table is inferred at the first start, which has not been yet
   * @throws dev.millrace.error.UserException where declared columns contradict what an earlier run
   *     inferred
   */
  Optional<PipelineDefinition> known() {
    if (pipeline.source().contents() != Contents.CHANGES) {
      return Optional.of(pipeline);
    }
    Optional<TableDefinition> inferred = frozen.read();
    if (!pipeline.table().isInferred()) {
      inferred.ifPresent(this::requireAgreement);
      return Optional.of(pipeline);
    }
    inferred.ifPresent(
        table ->
            out.printf(
                "table: %d columns, as inferred at the first start (%s)%n",
                table.columns().size(), frozen.place()));
    return inferred.map(pipeline::withInferred);
  }

  /**
   * The pipeline with its table; waits for the topic's first message if need be.
   *
   * @param endsWhenEmpty whether a topic without messages is the end, not something to wait for
   * @return empty where there was no message to learn from before the run was to end
   * @throws dev.millrace.error.UserException where the messages carry no schema
   */
  Optional<PipelineDefinition> inferred(boolean endsWhenEmpty, BooleanSupplier isStopped) {
    Optional<PipelineDefinition> known = known();
    if (known.isPresent()) {
      return known;
    }
    KafkaSourceDefinition source = topic();
    TopicSample sample = sample(source);
    if (!sample.hasRows() && !endsWhenEmpty) {
      out.printf(
          "table: waiting for a first message of topic %s, to infer the columns from its schema;"
              + " Ctrl-C ends the run%n",
          source.topic());
      out.flush();
    }
    while (!sample.hasRows() && !endsWhenEmpty) {
      if (!KafkaSample.awaitMore(source, sample.size(), isStopped)) {
        return Optional.empty();
      }
      sample = sample(source);
    }
    if (!sample.hasRows()) {
      out.printf(
          "table: topic %s has no message to infer the columns from; nothing to deliver%n",
          source.topic());
      return Optional.empty();
    }
    if (!sample.hasSchema()) {
      throw InferErrors.noSchema(source.topic());
    }
    return Optional.of(freeze(TableProposer.bySchema(sample), sample, source.topic()));
  }

  /** The one kind of source whose messages are decoded. */
  private KafkaSourceDefinition topic() {
    return (KafkaSourceDefinition) pipeline.source();
  }

  private static TopicSample sample(KafkaSourceDefinition source) {
    return TopicSample.of(KafkaSample.read(source, SAMPLE));
  }

  private PipelineDefinition freeze(ProposedTable proposed, TopicSample sample, String topic) {
    String yaml = proposed.toYaml();
    frozen.write(
        "# The table of pipeline %s, inferred at its first start from %s of topic %s.%n# Every run takes it from here; to infer it anew, begin with another checkpoint folder.%n"
                .formatted(pipeline.name(), sample.description(), topic)
            + yaml);
    // What was there first counts, if two runs began at once.
    PipelineDefinition known = pipeline.withInferred(frozen.read().orElseThrow());
    out.printf(
        "table: inferred from %s of topic %s, kept in %s%n",
        sample.description(), topic, frozen.place());
    out.print(yaml);
    out.flush();
    return known;
  }

  private void requireAgreement(TableDefinition inferred) {
    List<String> problems = new ArrayList<>();
    for (ColumnDefinition column : pipeline.table().columns()) {
      inferred.columns().stream()
          .filter(before -> before.name().equals(column.name()) && !before.equals(column))
          .forEach(
              before ->
                  problems.add(
                      InferErrors.otherwiseFrozen(
                          column.name(), spoken(column), spoken(before), frozen.place())));
    }
    if (!problems.isEmpty()) {
      throw InferErrors.contradictsFrozen(problems);
    }
  }

  private static String spoken(ColumnDefinition column) {
    return column.spokenType()
        + (column.from().equals(column.name()) ? "" : " from " + column.from());
  }
}
