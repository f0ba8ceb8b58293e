package dev.millrace.table;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.PostgresDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.decode.MessageForm;
import dev.millrace.error.InferErrors;
import dev.millrace.error.PostgresErrors;
import dev.millrace.error.PostgresFinding;
import dev.millrace.event.PostgresTable;
import dev.millrace.event.SampledMessage;
import dev.millrace.infer.DecodedSample;
import dev.millrace.infer.PostgresProposer;
import dev.millrace.infer.ProposedTable;
import dev.millrace.infer.TableComparison;
import dev.millrace.infer.TableProposer;
import dev.millrace.infer.TopicSample;
import dev.millrace.kafka.TopicSampler;
import dev.millrace.source.PostgresChecks;
import dev.millrace.source.PostgresSample;
import dev.millrace.source.Sources;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * Proposes a {@code table:} section: the section, which is YAML, goes to one writer, what was read
 * and what is doubtful about it to another. Driver only, without Spark's session.
 */
public final class TableInference {

  private final PrintWriter yaml;
  private final PrintWriter notes;

  /**
   * @param yaml takes the section and nothing else
   * @param notes takes what a person should know of it
   */
  public TableInference(PrintWriter yaml, PrintWriter notes) {
    this.yaml = yaml;
    this.notes = notes;
  }

  /**
   * Proposes a table.
   *
   * @param most about how many messages or rows to read
   * @throws dev.millrace.error.UserException where the source can't be read or tells of no row
   */
  public void infer(InferenceSource source, int most) throws InterruptedException {
    if (source instanceof InferenceSource.OfTopic topic) {
      ofTopic(topic.topic(), most);
    } else if (source instanceof InferenceSource.OfPipeline of) {
      TableDefinition table = of.pipeline().table();
      if (!(of.pipeline().source() instanceof KafkaSourceDefinition topic) || !topic.hasTable()) {
        throw InferErrors.noTopic(of.pipeline().source().kind());
      }
      propose(
          topic,
          TopicSample.of(MessageForm.of(topic), table.keyFields(), read(topic, most)),
          Optional.of(table).filter(it -> !it.isInferred()));
    } else if (source instanceof InferenceSource.OfPostgres postgres) {
      ofPostgres(postgres, most);
    }
  }

  /** Without a pipeline the messages themselves tell what they are. */
  private void ofTopic(KafkaSourceDefinition source, int most) throws InterruptedException {
    List<SampledMessage> messages = read(source, most);
    TopicSample changes = TopicSample.of(messages);
    TopicSample rows = TopicSample.of(MessageForm.ROW, messages);
    if (!changes.hasRows() && rows.hasRows()) {
      note(
          "the messages are not Debezium changes, so the columns are for a source with format: json");
      propose(source, rows, Optional.empty());
    } else {
      propose(source, changes, Optional.empty());
    }
  }

  private List<SampledMessage> read(KafkaSourceDefinition source, int most)
      throws InterruptedException {
    Sources.of(source, this::note).check();
    return TopicSampler.sample(source, most);
  }

  private void propose(
      KafkaSourceDefinition source, TopicSample sample, Optional<TableDefinition> declared) {
    if (!sample.hasRows()) {
      throw sample.size() == 0
          ? InferErrors.emptySample(source.topic())
          : InferErrors.noRows(
              source.topic(), sample.description(), sample.form() == MessageForm.DEBEZIUM);
    }
    notes.printf("read %s of topic %s%n", sample.description(), source.topic());
    ProposedTable proposed =
        declared
            .map(table -> TableProposer.byValues(sample, table))
            .orElseGet(() -> TableProposer.byValues(sample));
    notes.printf(
        "with the proposed columns: %s%n",
        DecodedSample.of(sample, proposed.toDefinition()).description());
    declared.ifPresent(table -> compare(table, proposed, sample));
    notes.flush();
    yaml.print(proposed.toYaml());
    yaml.flush();
  }

  private void note(String line) {
    notes.println(line);
    notes.flush();
  }

  private void compare(TableDefinition declared, ProposedTable proposed, TopicSample sample) {
    notes.printf(
        "with the declared columns: %s%n", DecodedSample.of(sample, declared).description());
    List<String> differences = TableComparison.differences(declared, proposed, sample);
    if (differences.isEmpty()) {
      notes.println("the declared columns are those of the topic");
    }
    differences.forEach(notes::println);
  }

  private static List<PostgresFinding> checks(InferenceSource.OfPostgres postgres) {
    PostgresDefinition database =
        new PostgresDefinition(
            postgres.url(),
            postgres.user(),
            postgres.password(),
            postgres.table(),
            Optional.empty(),
            Optional.empty());
    try {
      return PostgresChecks.of(database);
    } catch (SQLException e) {
      throw InferErrors.unreadablePostgres(postgres.url(), postgres.user(), e);
    }
  }

  private void ofPostgres(InferenceSource.OfPostgres postgres, int most) {
    PostgresTable table =
        PostgresSample.read(
            postgres.url(), postgres.user(), postgres.password(), postgres.table(), most);
    notes.printf(
        "read %d columns and %d rows of table %s%n",
        table.columns().size(), table.rows().size(), postgres.table());
    checks(postgres).forEach(finding -> notes.println(PostgresErrors.warning(finding)));
    notes.flush();
    yaml.print(PostgresProposer.propose(table).toYaml());
    yaml.flush();
  }
}
