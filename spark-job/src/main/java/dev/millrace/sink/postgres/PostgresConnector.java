package dev.millrace.sink.postgres;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition;
import dev.millrace.config.SinkDefinition.Create;
import dev.millrace.config.SinkDefinition.OnTruncate;
import dev.millrace.config.SinkDefinition.PostgresSink;
import dev.millrace.config.SinkDefinition.PostgresSink.Guard;
import dev.millrace.config.Values;
import dev.millrace.config.parse.Section;
import dev.millrace.error.PostgresSinkErrors;
import dev.millrace.sink.Sink;
import dev.millrace.sink.SinkConnector;
import dev.millrace.sink.SinkContents;
import dev.millrace.sink.SinkContext;
import dev.millrace.sink.SinkReader;
import dev.millrace.sink.TableChange;
import dev.millrace.sink.ViewForm;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** {@code postgres}: a table that is a copy of a view, or to which an output adds rows. */
public final class PostgresConnector implements SinkConnector {

  /** Postgres' {@code NAMEDATALEN}, without the end. */
  private static final int MAX_NAME_BYTES = 63;

  @Override
  public String spelling() {
    return "postgres";
  }

  @Override
  public SinkTemplate read(Section settings, SinkDefaults defaults) {
    String url =
        settings.optional("url", Values::postgresUrl, "jdbc:postgresql://localhost:5432/postgres");
    String user = settings.optional("user", Values::text, "postgres");
    String password = settings.optional("password", text -> text, "");
    String table =
        settings.optional("table", Values.template(PostgresConnector::table), "public.{output}");
    Create create = settings.optional("create", Values.oneOf(Create.class), "if-missing");
    Guard guard = settings.optional("guard", Values.oneOf(Guard.class), "column");
    Duration tombstoneRetention = settings.optional("tombstone-retention", Values::duration, "7d");
    OnTruncate onTruncate =
        settings.optional("on-truncate", Values.oneOf(OnTruncate.class), "fail");
    Duration retryTimeout = settings.optional("retry-timeout", Values::duration, "10m");
    return output -> {
      String[] names =
          table.replace("{output}", output.replace('-', '_').replace('.', '_')).split("[.]", 2);
      return new PostgresSink(
          url,
          user,
          password,
          names[0],
          names[1],
          create,
          guard,
          tombstoneRetention,
          onTruncate,
          retryTimeout);
    };
  }

  private static String table(String text) {
    String[] names = text.split("[.]", 2);
    if (names.length < 2 || !isName(names[0]) || !isName(names[1])) {
      throw new IllegalArgumentException(PostgresSinkErrors.expectTable());
    }
    return text;
  }

  private static boolean isName(String text) {
    return !text.isBlank()
        && text.indexOf('\u0000') < 0
        && text.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES;
  }

  @Override
  public List<String> objections(SinkDefinition sink, StructType result) {
    List<String> objections = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (StructField field : result.fields()) {
      if (!names.add(field.name())) {
        objections.add(PostgresSinkErrors.repeatedColumn(field.name()));
      }
      if (((PostgresSink) sink).guard() == Guard.COLUMN
          && PostgresPlan.POSITION.stream().anyMatch(own -> own.name().equals(field.name()))) {
        objections.add(PostgresSinkErrors.reservedColumn(field.name()));
      }
      if (!isName(field.name())) {
        objections.add(PostgresSinkErrors.longColumnName(field.name()));
      }
      if (PostgresTypes.created(field.dataType()).isEmpty()) {
        objections.add(
            PostgresSinkErrors.unstorable(field.name(), field.dataType().simpleString()));
      }
    }
    return objections;
  }

  @Override
  public Optional<String> note(OutputDefinition output, StructType result, boolean isByMessage) {
    String table = "output " + output.name() + ": ";
    if (isByMessage && output.isOrdered()) {
      return Optional.of(
          table
              + "Postgres keeps the row of each key's newest change, by the positions of the messages");
    }
    return Optional.of(
        switch (TableChange.of(output, false)) {
          case MERGE -> table + "Postgres keeps the newest row of each key";
          case REPLACE -> table + "each batch replaces all rows in Postgres";
          default ->
              table
                  + "each batch adds rows to the table in Postgres, one for each version of a row;"
                  + " a view (table.name) keeps it a copy of the rows (docs/postgres.md)";
        });
  }

  @Override
  public ViewForm viewForm() {
    return ViewForm.UPSERTS;
  }

  @Override
  public Sink open(OutputDefinition output, SinkContext context) {
    return new PostgresMergeSink(output, context, false);
  }

  @Override
  public Sink openView(OutputDefinition output, SinkContext context) {
    return new PostgresMergeSink(output, context, true);
  }

  @Override
  public Optional<SinkReader> reader(String pipeline, OutputDefinition view, Configuration hadoop) {
    return Optional.of(new PostgresSinkReader((PostgresSink) view.sink()));
  }

  @Override
  public Optional<SinkContents> contents(
      String pipeline, OutputDefinition output, Configuration hadoop) {
    return Optional.of(PostgresContents.of(pipeline, output));
  }
}
