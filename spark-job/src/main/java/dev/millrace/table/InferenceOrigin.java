package dev.millrace.table;

import dev.millrace.infer.ProposedTable;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** What a table is inferred from at a pipeline's first start. Driver only. */
public interface InferenceOrigin {

  /**
   * A table that was inferred.
   *
   * @param from what was read, for a user: {@code 57 messages (with schemas) of topic orders}
   */
  record Inferred(ProposedTable table, String from) {}

  /**
   * The table by what is there now; empty where there is nothing to learn from.
   *
   * @throws dev.millrace.error.UserException where what is there can't tell
   */
  Optional<Inferred> infer();

  /**
   * Waits until more is there than was inferred from last.
   *
   * @param isStopped asked repeatedly
   * @return whether it is; not so if {@code isStopped} was first
   */
  boolean awaitMore(BooleanSupplier isStopped) throws InterruptedException;

  /** What is waited for: {@code a first message of topic orders, to infer ...}. */
  String awaited();

  /** What is wrong where there is nothing to learn from: {@code topic orders has no message}. */
  String emptiness();
}
