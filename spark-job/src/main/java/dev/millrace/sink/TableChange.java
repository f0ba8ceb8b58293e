package dev.millrace.sink;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.OutputDefinition.Mode;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.StructType;

/** What a batch does to the rows of a table that are there. */
public enum TableChange {
  /** It adds rows. */
  APPEND,
  /** It writes and removes rows by key. */
  MERGE,
  /** Its row takes the place of the only one. */
  ONE_ROW,
  /** Its rows take the place of all. */
  REPLACE;

  /**
   * What the batches of an output do.
   *
   * @param isView whether they are what changed in a view
   */
  public static TableChange of(OutputDefinition output, boolean isView) {
    if (!output.key().isEmpty() && (isView || output.mode() == Mode.UPDATE)) {
      return MERGE;
    }
    if (isView) {
      return ONE_ROW;
    }
    return output.mode() == Mode.COMPLETE ? REPLACE : APPEND;
  }

  /**
   * The columns by which rows are found, without what the rows do not have, which other checks
   * report; none where rows are not found.
   */
  public List<String> key(OutputDefinition output, StructType rows) {
    return this == MERGE
        ? output.key().stream().filter(Arrays.asList(rows.fieldNames())::contains).toList()
        : List.of();
  }
}
