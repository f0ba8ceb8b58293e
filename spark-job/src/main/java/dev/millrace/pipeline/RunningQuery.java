package dev.millrace.pipeline;

import dev.millrace.config.OutputDefinition;
import java.util.function.LongPredicate;
import org.apache.spark.sql.streaming.StreamingQuery;

/** A query that was started, with what has to be closed after it. */
record RunningQuery(
    OutputDefinition output,
    StreamingQuery query,
    BatchGate gate,
    LongPredicate isCommitted,
    OpenSinks sinks) {

  /** Ends the query after the batch in flight and closes its sinks, even if some of that fails. */
  void stop() throws InterruptedException {
    try (sinks) {
      gate.stop(query, isCommitted);
    }
  }
}
