package dev.millrace.pipeline;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.SourceDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.decode.Decode;
import dev.millrace.decode.MessageForm;
import dev.millrace.event.DecodeCounts;
import dev.millrace.event.MessageColumns;
import dev.millrace.observe.ProgressReporter;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;

/** What becomes of that which a source gives, be it a stream or a micro-batch. Driver only. */
public interface Intake {

  /**
   * The rows that SQL reads, counted as {@link ProgressReporter#DECODE} observes them.
   *
   * @param columns those of the relation that are needed; others may be left out
   */
  Dataset<Row> rows(Dataset<Row> raw, Set<String> columns);

  /** What could not be read, each with its place and the reason. */
  Dataset<Row> rejects(Dataset<Row> raw);

  /** The intake for what the pipeline's source gives. */
  static Intake of(PipelineDefinition pipeline) {
    SourceDefinition source = pipeline.source();
    return switch (source.contents()) {
      case CHANGES -> new Messages(MessageForm.DEBEZIUM, pipeline.table(), source);
      case JSON -> new Messages(MessageForm.ROW, pipeline.table(), source);
      case ROWS -> new Rows();
    };
  }

  /** Messages as bytes, which are decoded. */
  record Messages(MessageForm form, TableDefinition table, SourceDefinition source)
      implements Intake {

    @Override
    public Dataset<Row> rows(Dataset<Row> raw, Set<String> columns) {
      Dataset<Row> messages = Decode.messages(raw, form, table, columns);
      List<String> position = source.positionColumns().stream().map(StructField::name).toList();
      return Decode.changes(
          Decode.counted(messages, ProgressReporter.DECODE),
          position,
          source.identity(),
          table.onError());
    }

    @Override
    public Dataset<Row> rejects(Dataset<Row> raw) {
      return Decode.rejects(Decode.messages(raw, form, table, Set.of()))
          .drop(MessageColumns.MESSAGE_TIMESTAMP);
    }
  }

  /** Rows with types of their own: there is nothing that could not be read. */
  record Rows() implements Intake {

    @Override
    public Dataset<Row> rows(Dataset<Row> raw, Set<String> columns) {
      return raw.observe(
          ProgressReporter.DECODE,
          functions.count(functions.lit(1)).as(DecodeCounts.CHANGES),
          functions.count(functions.lit(null)).as(DecodeCounts.REJECTED),
          functions.count(functions.lit(null)).as(DecodeCounts.SKIPPED));
    }

    @Override
    public Dataset<Row> rejects(Dataset<Row> raw) {
      return raw.limit(0);
    }
  }
}
