package dev.millrace.sink;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition;
import dev.millrace.config.parse.SinkKind;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A kind of sink: its keys in a pipeline file, and all that the rest of Millrace asks of it. The
 * definitions that it is given are those that it has read. Driver only.
 */
public interface SinkConnector extends SinkKind {

  /** Why a result of these columns can't be stored, each with its fix; empty for nothing. */
  default List<String> objections(SinkDefinition sink, StructType result) {
    return List.of();
  }

  /**
   * Why these columns can't tell the rows of a view apart, each with its fix; empty for nothing.
   */
  default List<String> objectionsToKey(List<StructField> key) {
    return List.of();
  }

  /**
   * What {@code validate} reports about a valid output.
   *
   * @param isByMessage whether each row of the result is made from one message
   */
  default Optional<String> note(OutputDefinition output, StructType result, boolean isByMessage) {
    return Optional.empty();
  }

  /** How rows of views are delivered to it. */
  ViewForm viewForm();

  /** The sink of an output. */
  Sink open(OutputDefinition output, SinkContext context);

  /** The sink of a view, which gets rows in {@link #viewForm}. */
  default Sink openView(OutputDefinition output, SinkContext context) {
    return open(output, context);
  }

  /**
   * Reads back a view; empty where the sink keeps none, or not all that tells the rows of a view
   * apart.
   *
   * @param pipeline the pipeline's name
   */
  default Optional<SinkReader> reader(
      String pipeline, OutputDefinition view, Configuration hadoop) {
    return Optional.empty();
  }

  /**
   * What the sink of an output holds, to be shown and deleted; empty for one that keeps nothing
   * that could be deleted here.
   *
   * @param pipeline the pipeline's name
   */
  default Optional<SinkContents> contents(
      String pipeline, OutputDefinition output, Configuration hadoop) {
    return Optional.empty();
  }

  /**
   * Rewrites what the sink of an output holds into fewer files; empty for a sink without files of
   * its own, or whose files can't be rewritten.
   */
  default Optional<SinkCompaction> compaction(OutputDefinition output, Configuration hadoop) {
    return Optional.empty();
  }
}
