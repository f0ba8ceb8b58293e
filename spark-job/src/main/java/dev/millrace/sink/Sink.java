package dev.millrace.sink;

/**
 * Where the rows of one output go. Driver only; what a sink sends to executors is its own affair.
 *
 * <p>{@link #deliver} is idempotent: a batch that is handed over again, whole or after a crash at
 * any point, is stored once.
 */
public interface Sink extends AutoCloseable {

  /** Whether a batch was evaluated. */
  enum Delivery {
    /** The rows were evaluated and are delivered. */
    DELIVERED,
    /** An earlier run had delivered the batch; its rows were not evaluated. */
    WAS_DELIVERED
  }

  /**
   * Called once in a run, before its first batch.
   *
   * @param queryId identity of the checkpoint that counts the batches
   * @param firstBatch the batch that comes next; 0 where the checkpoint is new
   * @throws dev.millrace.error.UserException where what was delivered before belongs to another
   *     checkpoint, or is gone: going on would lose or repeat rows
   */
  void begin(String queryId, long firstBatch) throws InterruptedException;

  /**
   * Delivers a batch: when this returns, its rows are where readers find them.
   *
   * @throws dev.millrace.error.UserException where the sink refuses
   */
  Delivery deliver(Batch batch) throws InterruptedException;

  @Override
  void close();
}
