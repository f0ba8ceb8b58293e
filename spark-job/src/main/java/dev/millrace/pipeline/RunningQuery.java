package dev.millrace.pipeline;

import dev.millrace.config.OutputDefinition;
import dev.millrace.sink.Sink;
import java.util.List;
import java.util.function.LongPredicate;
import org.apache.spark.sql.streaming.StreamingQuery;

/** A query that was started, with what has to be closed after it. */
record RunningQuery(
    OutputDefinition output,
    StreamingQuery query,
    BatchGate gate,
    LongPredicate isCommitted,
    List<Sink> sinks) {

  /** Ends the query after the batch in flight and closes its sinks. */
  void stop() throws InterruptedException {
    gate.stop(query, isCommitted);
    sinks.forEach(Sink::close);
  }
}
