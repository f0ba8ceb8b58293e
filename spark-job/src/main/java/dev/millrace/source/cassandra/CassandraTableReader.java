package dev.millrace.source.cassandra;

import com.datastax.oss.driver.api.core.CqlIdentifier;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import com.datastax.oss.driver.api.core.metadata.schema.ColumnMetadata;
import com.datastax.oss.driver.api.core.metadata.schema.KeyspaceMetadata;
import com.datastax.oss.driver.api.core.metadata.schema.RelationMetadata;
import dev.millrace.cassandra.CassandraRequests;
import dev.millrace.cassandra.CassandraSessions;
import dev.millrace.cassandra.CqlTypes;
import dev.millrace.config.CassandraTableName;
import dev.millrace.error.CassandraErrors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Function1;

/**
 * A table or a materialized view that is read. Driver only.
 *
 * @param progress is told of servers that don't answer
 */
public record CassandraTableReader(CassandraTableName name, Consumer<String> progress) {

  /**
   * What a table is like.
   *
   * @param cql the types of the columns in Cassandra
   * @param key the names of the columns of the primary key, in its order
   */
  public record Found(
      CassandraSelect select, List<StructField> columns, List<String> cql, List<String> key) {

    public StructType schema() {
      return new StructType(columns.toArray(StructField[]::new));
    }
  }

  /** A session of its own, for the caller to close; waits for the cluster. */
  public CqlSession open() throws InterruptedException {
    return new CassandraSessions(name.connection(), name.consistency())
        .open(progress, Optional.empty());
  }

  /**
   * Looks the table up.
   *
   * @throws dev.millrace.error.UserException where it does not exist, or has a column that SQL has
   *     no type for
   */
  public Found find(CqlSession session) throws InterruptedException {
    RelationMetadata table = metadata(session);
    List<StructField> columns = new ArrayList<>();
    List<String> cql = new ArrayList<>();
    List<String> unreadable = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (ColumnMetadata column : table.getColumns().values()) {
      String type = column.getType().asCql(false, true);
      Optional<DataType> spark = CqlTypes.toSpark(column.getType());
      if (!seen.add(name(column).toLowerCase(Locale.ROOT))) {
        throw CassandraErrors.columnsAlike(key(), name.cql(), name(column));
      }
      if (spark.isEmpty()) {
        unreadable.add(name(column) + " (" + type + ")");
      } else {
        columns.add(DataTypes.createStructField(name(column), spark.get(), true));
        cql.add(type);
      }
    }
    if (!unreadable.isEmpty()) {
      throw CassandraErrors.unreadableColumns(key(), name.cql(), unreadable);
    }
    return new Found(
        CassandraSelect.of(table),
        columns,
        cql,
        table.getPrimaryKey().stream().map(CassandraTableReader::name).toList());
  }

  private RelationMetadata metadata(CqlSession session) throws InterruptedException {
    KeyspaceMetadata keyspace =
        requests()
            .answered(session::refreshSchema, e -> CassandraErrors.refusedRead(name.cql(), e))
            .getKeyspace(CqlIdentifier.fromInternal(name.keyspace()))
            .orElseThrow(
                () ->
                    CassandraErrors.noKeyspaceToRead(
                        key(), name.connection().place(), name.keyspace()));
    CqlIdentifier wanted = CqlIdentifier.fromInternal(name.name());
    return Optional.<RelationMetadata>empty()
        .or(() -> keyspace.getTable(wanted))
        .or(() -> keyspace.getView(wanted))
        .orElseThrow(
            () ->
                CassandraErrors.noTableToRead(
                    key(),
                    name.connection().place(),
                    name.cql(),
                    keyspace.getTables().keySet().stream()
                        .map(CqlIdentifier::asInternal)
                        .sorted()
                        .toList()));
  }

  /** The first rows in the order of their tokens, each as a JSON object; none of an empty table. */
  List<String> sample(CqlSession session, Found found, int most) throws InterruptedException {
    return requests()
        .answered(
            () -> session.execute(found.select().sample(most)).all(),
            e -> CassandraErrors.refusedRead(name.cql(), e))
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }

  /** All rows, in the driver's memory. */
  public List<Row> rows(CqlSession session, Found found) {
    Function1<Object, Object> converter =
        CatalystTypeConverters.createToScalaConverter(found.schema());
    List<Row> rows = new ArrayList<>();
    new CassandraRows(
            session, requests(), name.cql(), SimpleStatement.newInstance(found.select().all()))
        .forEachRemaining(row -> rows.add((Row) converter.apply(row)));
    return rows;
  }

  private CassandraRequests requests() {
    return new CassandraRequests(name.connection(), progress);
  }

  private String key() {
    return name.connection().key();
  }

  private static String name(ColumnMetadata column) {
    return column.getName().asInternal();
  }
}
