package dev.millrace.pipeline;

import dev.millrace.config.FileSourceDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.SourceDefinition;
import dev.millrace.config.TableDefinition;
import dev.millrace.decode.Decode;
import dev.millrace.decode.DecodeTally;
import dev.millrace.decode.MessageForm;
import dev.millrace.event.DecodeCounts;
import dev.millrace.event.DecodeMetrics;
import dev.millrace.event.MessageColumns;
import dev.millrace.observe.ProgressReporter;
import dev.millrace.source.FileReader;
import dev.millrace.source.FileSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;

/** What becomes of that which a source gives, be it a stream or a micro-batch. Driver only. */
public interface Intake {

  /**
   * What has come in, as {@link #observed}, {@link #metrics} and {@link #rows} take it.
   *
   * @param columns those of the relation that are needed; others may be left out
   */
  Dataset<Row> taken(Dataset<Row> raw, Set<String> columns);

  /** The same, counted on its way as {@link ProgressReporter#DECODE}. */
  Dataset<Row> observed(Dataset<Row> taken);

  /**
   * What has come in, counted as one action reads it; that action may read each row only once.
   * Close it after the action.
   *
   * @param columns see {@link #taken}
   */
  default Counted counted(Dataset<Row> raw, Set<String> columns) {
    return new Counted.ByObservation(observed(taken(raw, columns)));
  }

  /** What {@link #counted} comes to, by an action of its own. */
  DecodeMetrics metrics(Dataset<Row> taken);

  /** The rows that SQL reads. */
  Dataset<Row> rows(Dataset<Row> taken);

  /** What could not be read, each with its place and the reason. */
  Dataset<Row> rejects(Dataset<Row> raw);

  /** The form of the messages of a pipeline. */
  static MessageForm form(PipelineDefinition pipeline) {
    return pipeline.source().contents() == SourceDefinition.Contents.JSON
        ? MessageForm.ROW
        : MessageForm.DEBEZIUM;
  }

  /** The intake for what the pipeline's source gives. */
  static Intake of(PipelineDefinition pipeline) {
    SourceDefinition source = pipeline.source();
    return switch (source.contents()) {
      case CHANGES -> new Messages(MessageForm.DEBEZIUM, pipeline.table(), source);
      case JSON -> new Messages(MessageForm.ROW, pipeline.table(), source);
      case ROWS -> new Rows();
      case FILES -> files((FileSourceDefinition) source, pipeline);
    };
  }

  private static Intake files(FileSourceDefinition source, PipelineDefinition pipeline) {
    return new FileIntake(
        new FileReader(source.format(), source.options(), pipeline.table()),
        pipeline.relation(),
        Optional.of(new FileSource(source).folder()));
  }

  /** Messages as bytes, which are decoded. */
  record Messages(MessageForm form, TableDefinition table, SourceDefinition source)
      implements Intake {

    @Override
    public Dataset<Row> taken(Dataset<Row> raw, Set<String> columns) {
      return Decode.withoutBytes(Decode.messages(raw, form, table, columns), position());
    }

    @Override
    public Dataset<Row> observed(Dataset<Row> taken) {
      return Decode.counted(taken, ProgressReporter.DECODE);
    }

    @Override
    public Counted counted(Dataset<Row> raw, Set<String> columns) {
      DecodeTally tally = DecodeTally.in(raw.sparkSession().sparkContext());
      return new Counted.ByDecoder(
          Decode.withoutBytes(Decode.messages(raw, form, table, columns, tally), position()),
          tally);
    }

    @Override
    public DecodeMetrics metrics(Dataset<Row> taken) {
      return DecodeMetrics.of(Decode.metrics(taken));
    }

    @Override
    public Dataset<Row> rows(Dataset<Row> taken) {
      return Decode.changes(taken, position(), source.identity(), table.onError());
    }

    private List<String> position() {
      return source.positionColumns().stream().map(StructField::name).toList();
    }

    @Override
    public Dataset<Row> rejects(Dataset<Row> raw) {
      return Decode.rejects(Decode.messages(raw, form, table, Set.of()))
          .drop(MessageColumns.MESSAGE_TIMESTAMP);
    }
  }

  /** Rows with types of their own: there is nothing that could not be read. */
  record Rows() implements Intake {

    private static final Column CHANGES =
        functions.count(functions.lit(1)).as(DecodeCounts.CHANGES);
    private static final Column REJECTED =
        functions.count(functions.lit(null)).as(DecodeCounts.REJECTED);
    private static final Column SKIPPED =
        functions.count(functions.lit(null)).as(DecodeCounts.SKIPPED);

    @Override
    public Dataset<Row> taken(Dataset<Row> raw, Set<String> columns) {
      return raw;
    }

    @Override
    public Dataset<Row> observed(Dataset<Row> taken) {
      return taken.observe(ProgressReporter.DECODE, CHANGES, REJECTED, SKIPPED);
    }

    @Override
    public DecodeMetrics metrics(Dataset<Row> taken) {
      return DecodeMetrics.of(taken.agg(CHANGES, REJECTED, SKIPPED).collectAsList().get(0));
    }

    @Override
    public Dataset<Row> rows(Dataset<Row> taken) {
      return taken;
    }

    @Override
    public Dataset<Row> rejects(Dataset<Row> raw) {
      return raw.limit(0);
    }
  }
}
