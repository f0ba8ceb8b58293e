package dev.millrace.pipeline.command;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.SourceDefinition.Contents;
import dev.millrace.console.Console;
import dev.millrace.decode.Decode;
import dev.millrace.decode.MessageForm;
import dev.millrace.decode.Outcome;
import dev.millrace.error.DeadLetterErrors;
import dev.millrace.event.ChangeColumns;
import dev.millrace.kafka.CommittedRecords;
import dev.millrace.kafka.KafkaConnection;
import dev.millrace.pipeline.PreparedPipeline;
import dev.millrace.pipeline.SinkConnectors;
import dev.millrace.pipeline.SparkSessions;
import dev.millrace.pipeline.ViewOutputs;
import dev.millrace.pipeline.ViewOutputs.ViewOutput;
import dev.millrace.pipeline.batch.BatchDecoder;
import dev.millrace.pipeline.batch.BatchDecoders;
import dev.millrace.pipeline.batch.DecodedBatch;
import dev.millrace.pipeline.lookup.Lookups;
import dev.millrace.query.OutputQuery;
import dev.millrace.sink.console.TextTable;
import dev.millrace.source.MessageRows;
import dev.millrace.sql.Columns;
import dev.millrace.state.StateStores;
import dev.millrace.view.BatchLookups;
import dev.millrace.view.ViewBatch;
import dev.millrace.view.ViewEngine;
import dev.millrace.view.plan.LookupRows;
import dev.millrace.view.plan.ViewPlan;
import java.io.File;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.util.Utils;

/** A look at the last messages of a pipeline's topic. Writes nothing anywhere. Driver only. */
public final class Preview {

  private final PipelineDefinition pipeline;
  private final KafkaSourceDefinition source;
  private final PrintWriter out;
  private final Console console;
  private final int width;

  /**
   * @param width characters a line of {@code out} has
   * @throws dev.millrace.error.UserException where the pipeline's source has no messages
   */
  public Preview(PipelineDefinition pipeline, PrintWriter out, int width) {
    if (!(pipeline.source() instanceof KafkaSourceDefinition kafka)) {
      throw DeadLetterErrors.noMessages(pipeline.source().kind());
    }
    this.pipeline = pipeline;
    this.source = kafka;
    this.out = out;
    this.console = new Console(out);
    this.width = width;
  }

  /**
   * Prints what each chosen output makes of the last messages, the rejected among them with their
   * reasons, and what is skipped.
   *
   * @param count the most messages
   */
  public void show(int count) {
    Optional<List<ConsumerRecord<byte[], byte[]>>> found =
        CommittedRecords.read(
            KafkaConnection.of(source),
            topic ->
                topic.partitions(source.topic()).isEmpty()
                    ? Optional.empty()
                    : Optional.of(topic.newest(source.topic(), count)));
    if (found.isEmpty()) {
      console.say("There is no " + source.place() + " yet. Debezium makes it with the first row.");
      return;
    }
    List<ConsumerRecord<byte[], byte[]>> messages = found.get();
    if (messages.isEmpty()) {
      console.say("No message was found in " + source.place() + ".");
      return;
    }
    try (SparkSession session =
        SparkSessions.open("millrace preview " + pipeline.name(), pipeline.sparkConf())) {
      show(session, messages);
    }
  }

  private void show(SparkSession session, List<ConsumerRecord<byte[], byte[]>> messages) {
    PreparedPipeline prepared =
        PreparedPipeline.of(session, pipeline, SinkConnectors.STANDARD, out);
    Lookups lookups = prepared.lookups();
    BatchDecoder decoder = BatchDecoders.of(pipeline);
    for (OutputQuery query : prepared.queries()) {
      // A session of its own each: all of them name their relation alike.
      Dataset<Row> raw = MessageRows.of(session.newSession(), source, messages);
      List<String[]> rows;
      List<String> columns;
      try (DecodedBatch decoded = decoder.decode(raw, query.neededColumns(), true)) {
        Dataset<Row> result = query.over(decoded.rows(), lookups.rows(raw.sparkSession()));
        columns = List.of(result.schema().fieldNames());
        rows = asText(result);
      }
      console.say(
          String.format(
              "%s: %,d row%s of the last %,d messages of %s",
              query.output().name(),
              rows.size(),
              rows.size() == 1 ? "" : "s",
              messages.size(),
              source.topic()));
      if (!rows.isEmpty()) {
        out.print(TextTable.render(columns, rows, width));
      }
      out.println();
    }
    prepared.views().ifPresent(views -> showViews(session, views, lookups, messages));
    List<Row> rejected = List.of();
    List<Row> skipped = List.of();
    // Rows that are taken as they are can be neither.
    if (source.contents() != Contents.ROWS) {
      MessageForm form = MessageForm.of(pipeline.source());
      Dataset<Row> decoded =
          Decode.messages(
              MessageRows.of(session, source, messages),
              form,
              pipeline.table(),
              // A tombstone of a keyed topic is a change if it is asked what it does.
              form.isKeyed() ? Set.of(ChangeColumns.OP) : Set.of());
      rejected = positions(Decode.deadLetters(decoded), "code", "message");
      skipped =
          positions(
              decoded.where(
                  functions.col(Decode.DECODED + "." + Outcome.OUTCOME).equalTo(Outcome.SKIPPED)));
    }
    rejected.forEach(
        row -> console.say("rejected  " + position(row) + "  " + row.get(3) + "  " + row.get(4)));
    skipped.forEach(
        row -> console.say("skipped   " + position(row) + "  a tombstone, which is not a change"));
    console.say(
        String.format(
            "%,d read = %,d changes + %,d rejected + %,d skipped; nothing was written",
            messages.size(),
            messages.size() - rejected.size() - skipped.size(),
            rejected.size(),
            skipped.size()));
  }

  /** The results that the views have if the table has had these changes only. */
  private void showViews(
      SparkSession session,
      ViewOutputs views,
      Lookups lookups,
      List<ConsumerRecord<byte[], byte[]>> messages) {
    Map<String, LookupRows> joined = new HashMap<>();
    views.lookups().forEach(name -> joined.put(name, lookups.version(name, session)));
    Dataset<Row> raw = MessageRows.of(session.newSession(), source, messages);
    File folder = Utils.createTempDir(System.getProperty("java.io.tmpdir"), "millrace-preview");
    StateStores stores = StateStores.in(folder.toURI().toString(), session, 0);
    List<ViewPlan> plans = views.all().stream().map(ViewOutput::plan).toList();
    List<Integer> ids = IntStream.range(0, plans.size()).boxed().toList();
    Set<String> names = plans.stream().map(ViewPlan::name).collect(Collectors.toSet());
    ViewEngine engine = new ViewEngine(views.layout(), plans, ids, stores);
    try (DecodedBatch decoded =
            BatchDecoders.of(pipeline).decode(raw, views.neededColumns(), true);
        ViewBatch result =
            engine.run(0, decoded.rows(), names, Set.of(), new BatchLookups(Map.of(), joined))) {
      for (ViewPlan plan : plans) {
        List<String[]> rows = asText(result.changes(plan.name()).select(ViewBatch.AFTER + ".*"));
        console.say(
            String.format(
                "%s: %,d row%s, the view's result after the last %,d messages of %s",
                plan.name(),
                rows.size(),
                rows.size() == 1 ? "" : "s",
                messages.size(),
                source.topic()));
        if (!rows.isEmpty()) {
          out.print(TextTable.render(List.of(plan.result().fieldNames()), rows, width));
        }
        out.println();
      }
    } finally {
      stores.close();
      Utils.deleteRecursively(folder);
    }
  }

  private static List<Row> positions(Dataset<Row> messages, String... others) {
    Column[] columns =
        Stream.concat(ChangeColumns.POSITION.stream().map(StructField::name), Arrays.stream(others))
            .map(functions::col)
            .toArray(Column[]::new);
    return messages.select(columns).collectAsList();
  }

  static List<String[]> asText(Dataset<Row> rows) {
    Column[] columns =
        Arrays.stream(rows.schema().fieldNames())
            .map(name -> Columns.named(name).cast("string"))
            .toArray(Column[]::new);
    return rows.select(columns).collectAsList().stream()
        .map(
            row -> {
              String[] cells = new String[columns.length];
              for (int column = 0; column < cells.length; column++) {
                cells[column] = row.getString(column);
              }
              return cells;
            })
        .toList();
  }

  private static String position(Row row) {
    return row.get(0) + " " + row.get(1) + "/" + row.get(2);
  }
}
