package dev.millrace.config;

import dev.millrace.event.ChangeColumns;
import dev.millrace.event.Relation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Where the rows of a pipeline come from. */
public interface SourceDefinition {

  /** What a source gives. */
  enum Contents {
    /** Debezium's messages as bytes, in the columns of {@link dev.millrace.event.RawColumns}. */
    CHANGES,
    /** Messages as bytes, in the same columns, each the JSON of a row. */
    JSON,
    /** Rows of the relation's columns as they are. */
    ROWS,
    /** Paths of files, each to be taken as a whole. */
    FILES
  }

  /** The key below {@code source} that chooses it: {@code kafka}, ... */
  String kind();

  /** Where it is, for a user to read; without options, which may be secret. */
  String place();

  Contents contents();

  /** Whether it has an end, so that a run reads all of it once and ends. */
  default boolean isBounded() {
    return false;
  }

  /** Whether its columns are known before it was looked at. */
  default boolean knowsColumns() {
    return true;
  }

  /** The columns that identify a row, where the source itself knows them; else none. */
  default List<String> key() {
    return List.of();
  }

  /** Why aggregates that continue from batch to batch are not possible; empty if they are. */
  default Optional<String> objectionToState() {
    return Optional.empty();
  }

  /** The name under which SQL knows its rows. */
  String relationName();

  /** Whether its columns are those of {@code table}; else it has but columns of its own. */
  boolean hasTable();

  /**
   * What the table's columns are inferred from where none are declared, for a user to read; empty
   * where they have to be declared.
   */
  default Optional<String> inferredFrom() {
    return Optional.empty();
  }

  /** The columns of each row in addition to those of the table; the names are reserved. */
  List<StructField> rowColumns();

  /**
   * Whether each message tells the key of a row, that it is new or gone, so that SQL can read the
   * rows that a table has now.
   */
  default boolean hasRowKeys() {
    return false;
  }

  /**
   * Within which time of the source a change that was delivered again is left out of the results
   * that are made of changes one by one; empty where all are delivered.
   */
  default Optional<Duration> deduplicationWindow() {
    return Optional.empty();
  }

  /**
   * The columns that the state of a table reads and SQL does not, in addition to {@link
   * #rowColumns}; the names are reserved.
   */
  default List<StructField> stateColumns() {
    return List.of();
  }

  /** The columns that say where a row is; the names are reserved. */
  List<StructField> positionColumns();

  /** The names of those that identify a row: the key of its dead letter. */
  default List<String> identity() {
    return positionColumns().stream().map(StructField::name).toList();
  }

  /** The topics that messages come from; none where the rows are not from Kafka. */
  default List<String> topics() {
    return List.of();
  }

  /** Why a sink can not be used: the pipeline would read what it writes; empty if it can. */
  Optional<String> objectionTo(SinkDefinition sink);

  /** {@link #rowColumns} and {@link #positionColumns}. */
  default Stream<StructField> ownColumns() {
    return Stream.concat(rowColumns().stream(), positionColumns().stream());
  }

  /** What SQL reads: the table's columns, then the source's own. Names may repeat until checked. */
  default Relation relation(TableDefinition table) {
    StructType row = table.rowType();
    List<StructField> columns = new ArrayList<>(List.of(row.fields()));
    columns.addAll(rowColumns());
    if (table.hasBefore()) {
      columns.add(DataTypes.createStructField(ChangeColumns.BEFORE, row, true));
    }
    columns.addAll(positionColumns());
    return new Relation(relationName(), new StructType(columns.toArray(StructField[]::new)));
  }
}
