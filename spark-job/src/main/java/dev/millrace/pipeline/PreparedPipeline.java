package dev.millrace.pipeline;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.SourceDefinition.Contents;
import dev.millrace.error.DeadLetterErrors;
import dev.millrace.pipeline.checkpoint.CheckpointLayout;
import dev.millrace.pipeline.lookup.Lookups;
import dev.millrace.query.OutputQuery;
import dev.millrace.query.OutputQuery.Shape;
import dev.millrace.table.TableResolver;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/**
 * A pipeline that is planned as a whole: its lookups are open, the SQL of its outputs is analysed.
 * Nothing has been read or written. Driver only.
 *
 * @param definition with the columns of the table
 * @param queries of the outputs that are not views of the table, in the order of the file
 * @param views of the table; empty where no output is one
 */
public record PreparedPipeline(
    PipelineDefinition definition,
    Lookups lookups,
    List<OutputQuery> queries,
    Optional<ViewOutputs> views) {

  public PreparedPipeline {
    queries = List.copyOf(queries);
  }

  /**
   * Plans a pipeline whose table is known. A lookup of Cassandra is asked for its columns, and
   * waited for.
   *
   * @param out takes the lines of the lookups, now and when they are read
   * @throws dev.millrace.error.UserException with all problems of the outputs
   */
  public static PreparedPipeline of(
      SparkSession session,
      PipelineDefinition definition,
      SinkConnectors connectors,
      PrintWriter out) {
    Lookups lookups =
        Lookups.open(definition.lookups(), session.sparkContext().hadoopConfiguration(), out);
    return new PreparedPipeline(
        definition,
        lookups,
        PipelineQueries.analyze(session, definition, lookups, connectors),
        ViewOutputs.plan(session, definition, lookups.relations(), connectors));
  }

  /**
   * The definition with the columns of the table, as far as they are known without a run. Spark is
   * not started.
   *
   * @param out where a line reports it if the table was inferred
   * @throws dev.millrace.error.UserException where the first run, which infers the table, has not
   *     been yet
   */
  public static PipelineDefinition withTable(PipelineDefinition pipeline, PrintWriter out) {
    return new TableResolver(
            pipeline, new CheckpointLayout(pipeline, new Configuration()).frozenTable(), out)
        .known()
        .orElseThrow(DeadLetterErrors::tableNotKnown);
  }

  /** Prints what users should know of the outputs before a run: at most a line for each. */
  public void describe(SinkConnectors connectors, PrintWriter out) {
    for (OutputQuery query : queries) {
      connectors
          .of(query.output().sink())
          .note(query.output(), query.result(), query.shape() == Shape.STATELESS)
          .ifPresent(out::println);
    }
    views.ifPresent(planned -> planned.describe(out, definition.source()));
  }

  /** Whether messages or files can be rejected: rows with types of their own can all be read. */
  boolean hasDeadLetters() {
    return definition.source().contents() != Contents.ROWS;
  }

  /** The output whose query writes the rejected messages: the first that can tell of any. */
  Optional<OutputQuery> ownerOfDeadLetters() {
    return hasDeadLetters()
        ? queries.stream().filter(query -> query.shape() != Shape.STATEFUL).findFirst()
        : Optional.empty();
  }

  /** What a run starts streaming queries of, views being one. */
  List<OutputDefinition> started() {
    return Stream.concat(
            queries.stream().map(OutputQuery::output), views.stream().map(ViewOutputs::query))
        .toList();
  }
}
