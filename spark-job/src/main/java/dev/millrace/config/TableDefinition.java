package dev.millrace.config;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * How a table's columns are read from its messages.
 *
 * @param name under which SQL reads the rows that the table has now; empty where views are not kept
 * @param key names of the columns that are the primary key, in its order; may be empty
 * @param columns none where they are to be inferred at the first start; see {@link #isInferred}
 * @param nullTokens texts that mean null, compared after the text encoding is undone; they count
 *     for every column that is sent as text and does not name its own
 * @param unavailableValuePlaceholder the connector's {@code unavailable.value.placeholder}
 * @param hasBefore whether {@code changes} has a column {@code before}
 * @param replicaIdentity what Postgres logs of a deleted row; unless it is the whole row, only the
 *     columns of {@code key} are read from a delete
 */
public record TableDefinition(
    Optional<String> name,
    List<String> key,
    TextEncoding textEncoding,
    Set<String> nullTokens,
    OnError onError,
    MissingField missingField,
    String unavailableValuePlaceholder,
    boolean hasBefore,
    ReplicaIdentity replicaIdentity,
    List<ColumnDefinition> columns) {

  /** What Debezium sends for a value that it was not given, if nobody has told it otherwise. */
  public static final String UNAVAILABLE_VALUE = "__debezium_unavailable_value";

  /** A table with the defaults for what is rarely set. */
  public TableDefinition(
      List<String> key,
      TextEncoding textEncoding,
      Set<String> nullTokens,
      OnError onError,
      List<ColumnDefinition> columns) {
    this(
        Optional.empty(),
        key,
        textEncoding,
        nullTokens,
        onError,
        MissingField.NULL,
        UNAVAILABLE_VALUE,
        false,
        ReplicaIdentity.DEFAULT,
        columns);
  }

  /** A table that SQL can't read, only its changes. */
  public TableDefinition(
      List<String> key,
      TextEncoding textEncoding,
      Set<String> nullTokens,
      OnError onError,
      MissingField missingField,
      String unavailableValuePlaceholder,
      boolean hasBefore,
      ReplicaIdentity replicaIdentity,
      List<ColumnDefinition> columns) {
    this(
        Optional.empty(),
        key,
        textEncoding,
        nullTokens,
        onError,
        missingField,
        unavailableValuePlaceholder,
        hasBefore,
        replicaIdentity,
        columns);
  }

  public TableDefinition {
    key = List.copyOf(key);
    nullTokens = Set.copyOf(nullTokens);
    columns = List.copyOf(columns);
  }

  /** Whether the columns are not declared but inferred at the first start. */
  public boolean isInferred() {
    return columns.isEmpty();
  }

  /** The fields of the key in a message; the columns' names where columns are not declared. */
  public List<String> keyFields() {
    return key.stream()
        .map(
            name ->
                columns.stream()
                    .filter(column -> column.name().equals(name))
                    .map(ColumnDefinition::from)
                    .findFirst()
                    .orElse(name))
        .toList();
  }

  /** This table with another replica identity. */
  public TableDefinition with(ReplicaIdentity identity) {
    return new TableDefinition(
        name,
        key,
        textEncoding,
        nullTokens,
        onError,
        missingField,
        unavailableValuePlaceholder,
        hasBefore,
        identity,
        columns);
  }

  /** This table with another rule for fields that a message lacks. */
  public TableDefinition with(MissingField otherMissingField) {
    return new TableDefinition(
        name,
        key,
        textEncoding,
        nullTokens,
        onError,
        otherMissingField,
        unavailableValuePlaceholder,
        hasBefore,
        replicaIdentity,
        columns);
  }

  /** This table as if it had that column only, and no key. */
  public TableDefinition onlyWith(ColumnDefinition column) {
    return with(List.of(), List.of(column));
  }

  /** This table with the columns of another, and with its key where this one has none. */
  TableDefinition withColumnsOf(TableDefinition other) {
    return with(key.isEmpty() ? other.key() : key, other.columns());
  }

  private TableDefinition with(List<String> otherKey, List<ColumnDefinition> otherColumns) {
    return new TableDefinition(
        name,
        otherKey,
        textEncoding,
        nullTokens,
        onError,
        missingField,
        unavailableValuePlaceholder,
        hasBefore,
        replicaIdentity,
        otherColumns);
  }

  /**
   * The table's own columns, in declared order; each may be null. Names may repeat until checked.
   */
  public StructType rowType() {
    return new StructType(
        columns.stream()
            .map(column -> DataTypes.createStructField(column.name(), column.sqlType(), true))
            .toArray(StructField[]::new));
  }

  /** What a declared field that a row lacks results in. */
  public enum MissingField {
    /** Its column is null. */
    NULL,
    /** The message goes to the dead letters. */
    REJECT
  }

  /** What happens to a message one of whose values can't be read. */
  public enum OnError {
    /** The message goes to the dead letters. */
    REJECT,
    /** The value becomes null, the message is a change like any other. */
    NULL,
    /** The query ends. */
    FAIL
  }
}
