package dev.millrace.sink.memory;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition;
import dev.millrace.config.Values;
import dev.millrace.config.parse.Section;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import dev.millrace.sink.SinkConnector;
import dev.millrace.sink.SinkContext;
import dev.millrace.sink.StorageLimit;
import dev.millrace.sink.ViewForm;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;

/** Rows in the memory of a test: the smallest kind of sink, and all that one takes. */
public final class MemoryConnector implements SinkConnector {

  /** The batches of each output by their numbers. */
  private final Map<String, Map<Long, List<Row>>> held = new ConcurrentHashMap<>();

  /**
   * @param maxCharacters of a text
   */
  private record MemorySink(String output, int maxCharacters) implements SinkDefinition {
    @Override
    public String kind() {
      return "memory";
    }

    @Override
    public String place() {
      return "memory";
    }
  }

  @Override
  public String spelling() {
    return "memory";
  }

  @Override
  public SinkTemplate read(Section settings, SinkDefaults defaults) {
    int max = settings.optional("max-characters", Values.number(1, 1_000), "100").intValue();
    return output -> new MemorySink(output, max);
  }

  @Override
  public ViewForm viewForm() {
    return ViewForm.CHANGELOG;
  }

  @Override
  public Sink open(OutputDefinition output, SinkContext context) {
    MemorySink definition = (MemorySink) output.sink();
    Map<Long, List<Row>> batches =
        held.computeIfAbsent(definition.output(), name -> new ConcurrentHashMap<>());
    return new Sink() {
      @Override
      public void begin(String queryId, long firstBatch) {}

      @Override
      public List<StorageLimit> limits(StructType result) {
        return Arrays.stream(result.fields())
            .filter(field -> field.dataType() instanceof StringType)
            .map(
                field ->
                    new StorageLimit(
                        functions
                            .length(functions.col(field.name()))
                            .gt(definition.maxCharacters()),
                        field.name(),
                        "which is too long."))
            .toList();
      }

      @Override
      public Delivery deliver(Batch batch) {
        return batches.putIfAbsent(batch.id(), batch.rows().collectAsList()) == null
            ? Delivery.DELIVERED
            : Delivery.WAS_DELIVERED;
      }

      @Override
      public void close() {}
    };
  }

  /** What was delivered to an output, in the order of the batches. */
  public List<Row> rows(String output) {
    return new TreeMap<>(held.getOrDefault(output, Map.of()))
        .values().stream().flatMap(List::stream).toList();
  }
}
