package dev.millrace.sink.console;

import dev.millrace.config.OutputDefinition;
import dev.millrace.error.SinkErrors;
import dev.millrace.sink.Batch;
import dev.millrace.sink.PlannedRows;
import dev.millrace.sink.Sink;
import dev.millrace.sql.Columns;
import java.io.PrintWriter;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Prints the first rows of each batch as a table and states what it leaves out.
 *
 * <p>What is printed can't be unprinted: a replay of a batch is printed again and marked as such.
 */
public final class TableConsoleSink implements Sink {

  private final OutputDefinition output;
  private final int rows;
  private final int width;
  private final PrintWriter out;

  public TableConsoleSink(OutputDefinition output, int rows, int width, PrintWriter out) {
    this.output = output;
    this.rows = rows;
    this.width = width;
    this.out = out;
  }

  @Override
  public void begin(String queryId, long firstBatch) {}

  @Override
  public Delivery deliver(Batch batch) {
    Dataset<Row> dataset = batch.rows();
    Column[] asText =
        Arrays.stream(dataset.schema().fieldNames())
            .map(name -> Columns.named(name).cast("string"))
            .toArray(Column[]::new);
    List<Sample> samples =
        PlannedRows.of(dataset.select(asText))
            .run("console", rdd -> rdd.mapPartitions(new Sampling(rows, asText.length)).collect());
    long count = samples.stream().mapToLong(Sample::count).sum();
    if (count == 0) {
      return Delivery.DELIVERED;
    }
    List<String[]> shown =
        samples.stream().flatMap(sample -> sample.rows().stream()).limit(rows).toList();
    String table = TextTable.render(List.of(dataset.schema().fieldNames()), shown, width);
    synchronized (out) {
      out.println();
      out.println(
          output.name()
              + ", batch "
              + batch.id()
              + (batch.isReplay() ? " (a replay: it may have been shown before)" : "")
              + String.format(": %,d row%s", count, count == 1 ? "" : "s"));
      out.print(table);
      if (count > shown.size()) {
        out.printf("... and %,d more rows%n", count - shown.size());
      }
      // Flushes. What nobody can have seen is not delivered.
      if (out.checkError()) {
        throw SinkErrors.closedConsole(output.name());
      }
    }
    return Delivery.DELIVERED;
  }

  @Override
  public void close() {}

  /**
   * @param rows the first rows; null stands for null
   */
  private record Sample(List<String[]> rows, long count) implements Serializable {}

  /** Keeps the first rows of a partition and counts all of them. Runs on executors. */
  private record Sampling(int limit, int columns)
      implements FlatMapFunction<Iterator<InternalRow>, Sample> {
    @Override
    public Iterator<Sample> call(Iterator<InternalRow> iterator) {
      List<String[]> first = new ArrayList<>();
      long count = 0;
      while (iterator.hasNext()) {
        InternalRow row = iterator.next();
        if (count++ < limit) {
          String[] values = new String[columns];
          for (int column = 0; column < columns; column++) {
            values[column] = row.isNullAt(column) ? null : row.getUTF8String(column).toString();
          }
          first.add(values);
        }
      }
      return List.of(new Sample(first, count)).iterator();
    }
  }
}
