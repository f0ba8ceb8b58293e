package dev.millrace.pipeline;

import dev.millrace.sink.Sink;
import dev.millrace.state.StateStores;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.types.StructType;

/**
 * The sinks of one query, of which the first holds all of its batches; those of dead letters begin
 * wherever there are some. Driver only.
 *
 * @param state of the query, closed after them, if it has any
 */
record OpenSinks(List<Sink> all, Optional<StateStores> state) implements AutoCloseable {

  OpenSinks {
    all = List.copyOf(all);
  }

  /** The sinks of a query that keeps no state next to theirs. */
  OpenSinks(List<Sink> all) {
    this(all, Optional.empty());
  }

  /**
   * Called before a query starts.
   *
   * @param queryId identity of its checkpoint
   * @param firstBatch the batch that comes next
   * @param result the columns of the first sink's batches; empty where they are not known
   */
  void begin(String queryId, long firstBatch, Optional<StructType> result)
      throws InterruptedException {
    all.get(0).begin(queryId, firstBatch);
    if (result.isPresent()) {
      all.get(0).prepare(result.get());
    }
    for (Sink deadLetters : all.subList(1, all.size())) {
      deadLetters.begin(queryId, 0);
    }
  }

  /** Identities of what the sinks keep, by name. */
  Map<String, String> identities() {
    Map<String, String> identities = new TreeMap<>();
    all.forEach(sink -> identities.putAll(sink.identities()));
    return identities;
  }

  @Override
  public void close() {
    closeAll(
        Stream.concat(
            all.stream().map(sink -> (Runnable) sink::close),
            state.stream().map(stores -> (Runnable) stores::close)));
  }

  /** Closes everything, in this order; the first failure is thrown in the end, others with it. */
  static void closeAll(Stream<Runnable> closing) {
    RuntimeException failure = null;
    for (Runnable each : closing.toList()) {
      try {
        each.run();
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
