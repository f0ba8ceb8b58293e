package dev.millrace.pipeline;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.PostgresDefinition;
import dev.millrace.config.SourceDefinition.Contents;
import dev.millrace.config.TableDefinition;
import dev.millrace.error.PostgresErrors;
import dev.millrace.error.PostgresFinding;
import dev.millrace.event.ChangeColumns;
import dev.millrace.query.OutputQuery;
import dev.millrace.source.PostgresChecks;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What a run looks at before its queries start, and warns of. Driver only. */
final class StartChecks {

  private final PipelineDefinition pipeline;
  private final Consumer<String> warnings;

  /**
   * @param pipeline whose table's columns are known
   * @param warnings takes each warning, a line
   */
  StartChecks(PipelineDefinition pipeline, Consumer<String> warnings) {
    this.pipeline = pipeline;
    this.warnings = warnings;
  }

  /**
   * Looks at the database behind the topic, where the pipeline names it. One that can't be reached
   * is a warning: everything that the run reads is in Kafka.
   *
   * @throws dev.millrace.error.UserException where values would be delivered that Postgres never
   *     held
   */
  void checkPostgres() {
    Optional<PostgresDefinition> postgres =
        pipeline.source() instanceof KafkaSourceDefinition kafka
            ? kafka.postgres()
            : Optional.empty();
    if (postgres.isEmpty()) {
      return;
    }
    List<PostgresFinding> findings;
    try {
      findings = PostgresChecks.of(postgres.get(), pipeline.table());
    } catch (SQLException e) {
      warnings.accept(PostgresErrors.unchecked(postgres.get().toString(), e));
      return;
    }
    findings.stream()
        .filter(finding -> !finding.isWrongData())
        .forEach(finding -> warnings.accept(PostgresErrors.warning(finding)));
    List<PostgresFinding> wrong = findings.stream().filter(PostgresFinding::isWrongData).toList();
    if (!wrong.isEmpty()) {
      throw PostgresErrors.wrongData(wrong);
    }
  }

  /** Warns once of each column that a keyed sink may take for null although it was not touched. */
  void checkUnchangedValues(List<OutputQuery> queries) {
    TableDefinition table = pipeline.table();
    if (pipeline.source().contents() != Contents.CHANGES || table.replicaIdentity().hasWholeRow()) {
      return;
    }
    for (OutputQuery query : queries) {
      if (query.output().isOrdered()) {
        List<String> results = Arrays.asList(query.result().fieldNames());
        if (query.output().sink().isByKey()
            && results.contains(ChangeColumns.OP)
            && !results.contains(ChangeColumns.UNCHANGED)) {
          warnings.accept(PostgresErrors.withoutUnchanged(query.output().name()));
        }
        table.columns().stream()
            .filter(column -> column.type().isNullWhenUnchanged())
            .filter(column -> results.contains(column.name()))
            .forEach(
                column ->
                    warnings.accept(
                        PostgresErrors.nullWhenUnchanged(
                            query.output().name(), column.name(), column.type().name())));
      }
    }
  }
}
