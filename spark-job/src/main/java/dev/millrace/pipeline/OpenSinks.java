package dev.millrace.pipeline;

import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import java.util.List;

/**
 * The sinks of one query, of which the first holds all of its batches; those of dead letters begin
 * wherever there are some. Driver only.
 */
record OpenSinks(List<Sink> all) implements AutoCloseable {

  OpenSinks {
    all = List.copyOf(all);
  }

  /** Called before a run's first batch. */
  void begin(Batch batch) throws InterruptedException {
    all.get(0).begin(batch.queryId(), batch.id());
    for (Sink deadLetters : all.subList(1, all.size())) {
      deadLetters.begin(batch.queryId(), 0);
    }
  }

  /** Closes every sink; the first failure is thrown in the end, the others with it. */
  @Override
  public void close() {
    RuntimeException failure = null;
    for (Sink sink : all) {
      try {
        sink.close();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
