package dev.millrace.pipeline.rejects;

import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.SinkDefinition;
import dev.millrace.error.RejectErrors;
import dev.millrace.pipeline.rejects.DeadLetter.Position;
import java.util.HashSet;
import java.util.Set;
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
          if (letter.pipeline().equals(pipeline.name()) && seen.add(letter.position())) {
            action.accept(letter);
          }
        };
    SinkDefinition sink = pipeline.rejects();
    if (sink instanceof SinkDefinition.FileSink files && files.kind().equals("parquet")) {
      new ParquetDeadLetters(files.path()).forEach(once);
    } else if (sink instanceof SinkDefinition.KafkaSink kafka) {
      new KafkaDeadLetters(kafka).forEach(once);
    } else {
      throw RejectErrors.nothingKept(sink.kind());
    }
  }
}
