package dev.millrace.event;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.StructType;

/**
 * Columns that travel with the rows of a result to a sink that orders them, next to what the SQL
 * selects. SQL neither sees nor can select them.
 *
 * <p>Within a partition of the source's topic the row with the higher offset is the newer one. A
 * message that was replayed from the dead letters has the partition and offset of its origin.
 */
public final class OrderColumns {

  /** {@link ChangeColumns#PARTITION} of the message that the row was made from. */
  public static final String PARTITION = "__order_partition";

  /** {@link ChangeColumns#OFFSET} of the message that the row was made from. */
  public static final String OFFSET = "__order_offset";

  /** {@link ChangeColumns#TX_ID} of the change; only rows of changes have it. */
  public static final String TRANSACTION = "__order_tx_id";

  /** {@link ChangeColumns#OP} of the change. */
  public static final String OPERATION = "__order_op";

  /** {@link ChangeColumns#LSN} of the change. */
  public static final String LSN = "__order_lsn";

  /** {@link ChangeColumns#UNCHANGED} of the change. */
  public static final String UNCHANGED = "__order_unchanged";

  /** {@link ChangeColumns#PLACEHOLDERS} of the change. */
  public static final String PLACEHOLDERS = "__order_placeholders";

  /** All of them. */
  public static final List<String> ALL =
      List.of(PARTITION, OFFSET, TRANSACTION, OPERATION, LSN, UNCHANGED, PLACEHOLDERS);

  private OrderColumns() {}

  /** Whether rows of these columns come with the position of their message. */
  public static boolean arePlaced(StructType rows) {
    return Arrays.asList(rows.fieldNames()).containsAll(List.of(PARTITION, OFFSET));
  }
}
