package dev.millrace.deadletter;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.SinkDefinition;
import dev.millrace.deadletter.DeadLetter.Position;
import dev.millrace.error.DeadLetterErrors;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The dead letters of a pipeline, wherever its sink has put them. Driver only. */
public final class DeadLetters {

  private DeadLetters() {}

  /**
   * Hands over every dead letter once, in no order, also if several queries have met it.
   *
   * @throws dev.millrace.error.UserException where the place can't be read, or keeps nothing
   */
  public static void forEach(PipelineDefinition pipeline, Consumer<DeadLetter> action) {
    Set<Position> seen = new HashSet<>();
    Consumer<DeadLetter> once =
        letter -> {
          if (letter.pipeline().equals(pipeline.name())
              && (letter.isOfOutput() || seen.add(letter.position()))) {
            action.accept(letter);
          }
        };
    SinkDefinition sink = pipeline.deadLetters();
    if (isParquet(sink)) {
      parquet(sink).forEach(once);
    } else {
      kafka(sink).forEach(once);
    }
  }

  /**
   * The files that a pipeline whose source is files has not taken, each once, by name.
   *
   * @throws dev.millrace.error.UserException where the place can't be read, or keeps nothing
   */
  public static List<RejectedFile> files(PipelineDefinition pipeline) {
    Map<String, RejectedFile> files = new TreeMap<>();
    BiConsumer<String, RejectedFile> once =
        (name, file) -> {
          if (name.equals(pipeline.name())) {
            files.put(file.file(), file);
          }
        };
    SinkDefinition sink = pipeline.deadLetters();
    if (isParquet(sink)) {
      parquet(sink).forEachFile(once);
    } else {
      kafka(sink).forEachFile(once);
    }
    return List.copyOf(files.values());
  }

  private static boolean isParquet(SinkDefinition sink) {
    return sink instanceof SinkDefinition.FileSink files && files.kind().equals("parquet");
  }

  private static ParquetDeadLetters parquet(SinkDefinition sink) {
    return new ParquetDeadLetters(((SinkDefinition.FileSink) sink).path());
  }

  private static KafkaDeadLetters kafka(SinkDefinition sink) {
    if (sink instanceof SinkDefinition.KafkaSink topic) {
      return new KafkaDeadLetters(topic);
    }
    throw DeadLetterErrors.nothingKept(sink.kind());
  }
}
