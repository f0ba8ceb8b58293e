package dev.millrace.decode;

import static dev.millrace.decode.MessageFields.ADDED;
import static dev.millrace.decode.MessageFields.ADDED_FROM_SOURCE;
import static dev.millrace.decode.MessageFields.LSN;
import static dev.millrace.decode.MessageFields.SNAPSHOT;
import static dev.millrace.decode.MessageFields.TS_MICROS;
import static dev.millrace.decode.MessageFields.TS_MILLIS;
import static dev.millrace.decode.MessageFields.TX_ID;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.decode.column.ColumnReader;
import dev.millrace.decode.column.ColumnReaders;
import dev.millrace.decode.column.TextRules;
import dev.millrace.event.ChangeColumns;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * A column that states where a change comes from, and the fields that it may be in: the first one
 * that has a value counts. Immutable.
 */
final class SourceColumn implements Serializable {

  private static final long serialVersionUID = 1L;

  private final String name;
  private final List<ColumnReader> readers;

  private SourceColumn(String name, List<ColumnReader> readers) {
    this.name = name;
    this.readers = List.copyOf(readers);
  }

  /** The columns of an envelope, in its {@code source} block. */
  static List<SourceColumn> ofEnvelope() {
    return List.of(
        column(ChangeColumns.LSN, DataTypes.LongType, LSN),
        column(ChangeColumns.TX_ID, DataTypes.LongType, TX_ID),
        sourceTimestamp(TS_MICROS, TS_MILLIS),
        column(ChangeColumns.SNAPSHOT, DataTypes.StringType, SNAPSHOT));
  }

  /**
   * The columns of an unwrapped row, in addition to the table's own. The transform names a field
   * {@code __source_lsn} if it was asked for {@code source.lsn}, {@code __lsn} if for {@code lsn}.
   * A plain {@code __ts_ms} is not the source's time but the connector's, and does not count.
   */
  static List<SourceColumn> ofUnwrapped() {
    return List.of(
        column(ChangeColumns.LSN, DataTypes.LongType, ADDED_FROM_SOURCE + LSN, ADDED + LSN),
        column(ChangeColumns.TX_ID, DataTypes.LongType, ADDED_FROM_SOURCE + TX_ID, ADDED + TX_ID),
        sourceTimestamp(ADDED_FROM_SOURCE + TS_MICROS, ADDED_FROM_SOURCE + TS_MILLIS),
        column(
            ChangeColumns.SNAPSHOT,
            DataTypes.StringType,
            ADDED_FROM_SOURCE + SNAPSHOT,
            ADDED + SNAPSHOT));
  }

  String name() {
    return name;
  }

  /** One for each field that the column may be in, in order of precedence. */
  List<ColumnReader> readers() {
    return readers;
  }

  private static SourceColumn column(String name, DataType type, String... fields) {
    List<ColumnReader> readers = new ArrayList<>();
    for (String field : fields) {
      readers.add(reader(new ColumnDefinition(name, field, type, TimeUnit.NONE)));
    }
    return new SourceColumn(name, readers);
  }

  private static SourceColumn sourceTimestamp(String microsField, String millisField) {
    String name = ChangeColumns.SOURCE_TS;
    DataType type = DataTypes.TimestampType;
    return new SourceColumn(
        name,
        List.of(
            reader(new ColumnDefinition(name, microsField, type, TimeUnit.MICROS)),
            reader(new ColumnDefinition(name, millisField, type, TimeUnit.MILLIS))));
  }

  private static ColumnReader reader(ColumnDefinition column) {
    // An envelope has "false" for a change that is not part of a snapshot, the transform null.
    Set<String> nullTokens =
        column.name().equals(ChangeColumns.SNAPSHOT) ? Set.of("false") : Set.of();
    return ColumnReaders.of(column, TextRules.plain(nullTokens));
  }
}
