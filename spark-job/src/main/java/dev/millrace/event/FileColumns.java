package dev.millrace.event;

import java.util.List;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/** The columns of the rows of files in addition to those of a table. */
public final class FileColumns {

  /** The name of the file that holds the row, without its folder. */
  public static final String FILE = "file";

  /** A line of a text file. */
  public static final String VALUE = RawColumns.VALUE;

  /** What is wrong with a line before it is decoded; null for nothing. Never part of a relation. */
  public static final String FAULT = "fault";

  /**
   * Where a row begins in its file, 1 for the first line; 0 for a fault of the file as a whole,
   * null where lines are not counted. Never part of a relation.
   */
  public static final String LINE = "line";

  /** Of text files. */
  public static final List<StructField> TEXT =
      List.of(DataTypes.createStructField(VALUE, DataTypes.StringType, true));

  /** What the source knows of a row. */
  public static final List<StructField> POSITION =
      List.of(DataTypes.createStructField(FILE, DataTypes.StringType, true));

  private FileColumns() {}
}
