package dev.millrace.sink;

/** What the rows of a view that a batch changed become on their way to a sink. */
public enum ViewForm {
  /** {@code key} and {@code value} as JSON in bytes; the value of a deleted row is null. */
  RECORDS,
  /** The rows with {@code op}: {@code c} for a row that is written whole, {@code d}. */
  UPSERTS,
  /**
   * The rows with {@code op}: {@code c} for one whose key the sink does not have, {@code u} for one
   * that takes the place of another, {@code d}.
   */
  KEYED_CHANGES,
  /**
   * The rows with their operation: {@code c}, {@code u} or {@code d}; {@code r} for a row of a
   * result that is delivered whole. With the mode {@code complete} the whole result, rows alone.
   */
  CHANGELOG,
  /** The rows marked {@code +}, {@code ~} or {@code -}, for a person to read. */
  MARKED;

  /**
   * Whether the sink has one row of each key: the view needs one, no other output may write there,
   * and to remove a row that the sink lacks does no harm.
   */
  public boolean isByKey() {
    return this == RECORDS || this == UPSERTS || this == KEYED_CHANGES;
  }

  /** Whether the whole result can replace the one before it. */
  public boolean allowsComplete() {
    return this == CHANGELOG;
  }
}
