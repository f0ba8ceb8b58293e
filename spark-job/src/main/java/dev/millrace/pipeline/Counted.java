package dev.millrace.pipeline;

import dev.millrace.decode.DecodeTally;
import dev.millrace.event.DecodeMetrics;
import dev.millrace.observe.ProgressReporter;
import dev.millrace.sink.Observed;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** What has come in with a micro-batch, counted by the one action that reads it. Driver only. */
public interface Counted extends AutoCloseable {

  /** See {@link Intake#taken}. */
  Dataset<Row> taken();

  /** After the action; empty where nothing came by to be counted. */
  Optional<DecodeMetrics> metrics() throws InterruptedException;

  @Override
  void close();

  /** By the decoder itself. */
  record ByDecoder(Dataset<Row> taken, DecodeTally tally) implements Counted {

    @Override
    public Optional<DecodeMetrics> metrics() {
      return tally.isZero() ? Optional.empty() : Optional.of(tally.value());
    }

    @Override
    public void close() {}
  }

  /** By a step of the plan; {@code taken} observes metrics as {@link ProgressReporter#DECODE}. */
  record ByObservation(Dataset<Row> taken, Observed observed) implements Counted {

    ByObservation(Dataset<Row> taken) {
      this(taken, Observed.by(taken.sparkSession(), ProgressReporter.DECODE));
    }

    @Override
    public Optional<DecodeMetrics> metrics() throws InterruptedException {
      return observed.metrics().map(DecodeMetrics::of);
    }

    @Override
    public void close() {
      observed.close();
    }
  }
}
