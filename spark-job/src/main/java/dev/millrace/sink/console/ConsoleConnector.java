package dev.millrace.sink.console;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition.ConsoleSink;
import dev.millrace.config.Values;
import dev.millrace.config.parse.Section;
import dev.millrace.sink.Sink;
import dev.millrace.sink.SinkConnector;
import dev.millrace.sink.SinkContext;
import dev.millrace.sink.ViewForm;

/** {@code console}: a table for a person to read. */
public final class ConsoleConnector implements SinkConnector {

  @Override
  public String spelling() {
    return "console";
  }

  @Override
  public SinkTemplate read(Section settings, SinkDefaults defaults) {
    int rows = settings.optional("rows", Values.number(1, 10_000), "20").intValue();
    return output -> new ConsoleSink(rows);
  }

  @Override
  public boolean holdsDeadLetters() {
    return true;
  }

  @Override
  public ViewForm viewForm() {
    return ViewForm.MARKED;
  }

  @Override
  public Sink open(OutputDefinition output, SinkContext context) {
    int rows = ((ConsoleSink) output.sink()).rows();
    return new TableConsoleSink(output, rows, context.consoleWidth(), context.console());
  }
}
