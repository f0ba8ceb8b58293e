package dev.millrace.sink;

import java.util.List;
import java.util.Map;
import org.apache.spark.sql.types.StructType;

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
   * Called once in a run, before its query starts: what is wrong with the sink is reported at once,
   * not with the first batch. May wait for servers.
   *
   * @param queryId identity of the checkpoint that counts the batches
   * @param firstBatch the batch that comes next; 0 where the checkpoint is new
   * @throws dev.millrace.error.UserException where what was delivered before belongs to another
   *     checkpoint, or is gone: continuing would lose or repeat rows
   */
  void begin(String queryId, long firstBatch) throws InterruptedException;

  /**
   * What the sink can't store of a result, beyond what it refuses before a run. The rows that
   * {@link #deliver} gets exceed no limit; those that do are dead letters of the output. Called
   * after {@link #begin}.
   *
   * @param result the result's columns
   */
  default List<StorageLimit> limits(StructType result) throws InterruptedException {
    return List.of();
  }

  /**
   * Looks whether results can be stored. Called after {@link #begin}; may wait for servers.
   *
   * @param result the columns of every batch
   * @throws dev.millrace.error.UserException where they can't
   */
  default void prepare(StructType result) throws InterruptedException {}

  /**
   * Identities of what the sink keeps outside of its batches, by name; empty if there are none.
   * Known after {@link #begin}.
   */
  default Map<String, String> identities() {
    return Map.of();
  }

  /**
   * Delivers a batch: when this returns, its rows are where readers find them.
   *
   * @throws dev.millrace.error.UserException where the sink refuses
   */
  Delivery deliver(Batch batch) throws InterruptedException;

  /**
   * What the sink could not store of a batch as it lacks rows that these need. Called after {@link
   * #deliver}, also of a batch that an earlier run has delivered; the rows are dead letters of the
   * output.
   */
  default List<StorageLimit> refused(Batch batch) throws InterruptedException {
    return List.of();
  }

  @Override
  void close();
}
