package dev.millrace.sink.file;

import dev.millrace.config.CsvDialect;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.OutputDefinition.Mode;
import dev.millrace.config.SinkDefinition;
import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.config.Values;
import dev.millrace.config.parse.Section;
import dev.millrace.sink.Sink;
import dev.millrace.sink.SinkCompaction;
import dev.millrace.sink.SinkConnector;
import dev.millrace.sink.SinkContents;
import dev.millrace.sink.SinkContext;
import dev.millrace.sink.SinkReader;
import dev.millrace.sink.ViewForm;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.types.StructType;

/**
 * Files of one format.
 *
 * @param spelling the format, as Spark names it
 * @param keepsTypes whether it can hold bytes, and values come back with their types
 */
public record FileConnector(String spelling, boolean keepsTypes) implements SinkConnector {

  @Override
  public SinkTemplate read(Section settings, SinkDefaults defaults) {
    String path =
        settings.optional("path", Values.template(Values::renamingFolder), "output/{output}");
    List<String> partitionBy = settings.list("partition-by", Values::text, List.of());
    Map<String, String> options = spelling.equals(FileTypes.CSV) ? csvOptions(settings) : Map.of();
    return output -> new FileSink(spelling, path.replace("{output}", output), partitionBy, options);
  }

  private static Map<String, String> csvOptions(Section settings) {
    Map<String, String> options =
        settings.options("options", CsvDialect::objectionOfSink, CsvDialect::parser);
    CsvDialect.contradiction(options)
        .or(() -> CsvDialect.contradictionOfSink(CsvDialect.of(options)))
        .ifPresent(text -> settings.problem("options", text));
    return options;
  }

  @Override
  public boolean holdsDeadLetters() {
    return keepsTypes;
  }

  @Override
  public List<String> objections(SinkDefinition sink, StructType result) {
    return FileTypes.objections((FileSink) sink, result);
  }

  @Override
  public ViewForm viewForm() {
    return ViewForm.CHANGELOG;
  }

  @Override
  public Sink open(OutputDefinition output, SinkContext context) {
    return new FileBatchSink((FileSink) output.sink(), output.mode(), context.hadoop());
  }

  @Override
  public Optional<SinkReader> reader(String pipeline, OutputDefinition view, Configuration hadoop) {
    return keepsTypes ? Optional.of(new FileSinkReader(view, hadoop)) : Optional.empty();
  }

  @Override
  public Optional<SinkContents> contents(
      String pipeline, OutputDefinition output, Configuration hadoop) {
    return Optional.of(new FileContents((FileSink) output.sink(), hadoop));
  }

  @Override
  public Optional<SinkCompaction> compaction(OutputDefinition output, Configuration hadoop) {
    return FileCompaction.FORMATS.contains(spelling) && output.mode() != Mode.COMPLETE
        ? Optional.of(new FileCompaction((FileSink) output.sink(), hadoop))
        : Optional.empty();
  }
}
