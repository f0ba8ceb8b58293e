package dev.millrace.config;

import java.time.Duration;

/** When a query looks for new messages. */
public sealed interface TriggerDefinition {

  /** For ever, a batch every {@code interval}; zero is as soon as the last one ended. */
  record Interval(Duration interval) implements TriggerDefinition {}

  /** Once: what is there when the query starts, in as many batches as it takes; then it ends. */
  record AvailableNow() implements TriggerDefinition {}
}
