package dev.millrace.view.plan;

/** Which rows a join makes of a row of its left side, the table's. */
public enum JoinKind {
  /** One with each row of the right side that matches. */
  INNER,
  /** The same, or one with nulls if nothing matches. */
  LEFT,
  /** The row itself if something matches. */
  SEMI,
  /** The row itself if nothing matches. */
  ANTI;

  /** Whether the rows have the columns of the right side, too. */
  public boolean hasRightColumns() {
    return this == INNER || this == LEFT;
  }
}
