package dev.millrace.pipeline;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.error.QueryErrors;
import dev.millrace.error.SinkErrors;
import dev.millrace.error.UserErrors;
import dev.millrace.error.UserException;
import dev.millrace.pipeline.lookup.Lookups;
import dev.millrace.query.OutputQuery;
import dev.millrace.query.OutputQuery.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.sql.SparkSession;

/** The queries of a pipeline's outputs, checked before any of them starts. Driver only. */
public final class PipelineQueries {

  private PipelineQueries() {}

  /**
   * Analyses the SQL of every output.
   *
   * @throws UserException with all problems found
   */
  public static List<OutputQuery> analyze(
      SparkSession session,
      PipelineDefinition pipeline,
      Lookups lookups,
      SinkConnectors connectors) {
    List<OutputQuery> queries = new ArrayList<>();
    requireNoProblems(
        pipeline,
        output -> {
          if (ViewOutputs.isView(session, pipeline, output)) {
            return List.of();
          }
          OutputQuery query =
              OutputQuery.analyze(session, pipeline.relation(), lookups.relations(), output);
          Optional<String> stateless = pipeline.source().objectionToState();
          if (query.shape() == Shape.STATEFUL && stateless.isPresent()) {
            throw QueryErrors.noStateOver(
                output.sqlPlace(), pipeline.source().kind(), stateless.get());
          }
          if (query.shape() == Shape.STATEFUL
              && pipeline.source().deduplicationWindow().isPresent()) {
            throw QueryErrors.repeatsInState(output.sqlPlace());
          }
          if (output.sql().isPresent() && output.sink().isByKey() && output.key().isEmpty()) {
            throw UserErrors.invalidConfiguration(
                List.of(
                    UserErrors.at(output.sqlPlace(), SinkErrors.needsKey(output.sink().kind()))));
          }
          queries.add(query);
          return connectors.of(output.sink()).objections(output.sink(), query.result()).stream()
              .map(objection -> UserErrors.at(output.sqlPlace(), objection))
              .toList();
        });
    return queries;
  }

  /** Checks the syntax of every output's SQL. */
  public static void parse(SparkSession session, PipelineDefinition pipeline) {
    requireNoProblems(
        pipeline,
        output -> {
          OutputQuery.parse(session, pipeline.source().relationName(), output);
          return List.of();
        });
  }

  /** Gathers the problems of all outputs, those that a check returns and those that it throws. */
  private static void requireNoProblems(
      PipelineDefinition pipeline, Function<OutputDefinition, List<String>> check) {
    List<String> problems = new ArrayList<>();
    for (OutputDefinition output : pipeline.outputs()) {
      try {
        problems.addAll(check.apply(output));
      } catch (UserException e) {
        problems.addAll(e.problems());
      }
    }
    if (!problems.isEmpty()) {
      throw UserErrors.invalidConfiguration(problems);
    }
  }
}
