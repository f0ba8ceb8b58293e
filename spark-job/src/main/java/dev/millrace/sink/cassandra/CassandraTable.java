package dev.millrace.sink.cassandra;

import com.datastax.oss.driver.api.core.CqlIdentifier;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.metadata.schema.ColumnMetadata;
import com.datastax.oss.driver.api.core.metadata.schema.TableMetadata;
import com.datastax.oss.driver.api.core.type.DataType;
import dev.millrace.cassandra.CqlTypes;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition.CassandraSink;
import dev.millrace.config.SinkDefinition.CassandraSink.ClusteringColumn;
import dev.millrace.config.SinkDefinition.Create;
import dev.millrace.error.CassandraErrors;
import dev.millrace.event.ChangeColumns;
import dev.millrace.sink.StoredColumns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** The table of a sink: found and compared with the output, or created. Driver only. */
public record CassandraTable(CassandraSink sink, OutputDefinition output, StructType schema) {

  /**
   * The plan by which rows are written; when this returns, the table is there.
   *
   * @param firstBatch the batch that comes next; 0 where nothing was written before
   * @throws dev.millrace.error.UserException where the table is missing and is not to be created,
   *     or where it does not fit
   */
  CassandraPlan prepare(CqlSession session, long firstBatch) {
    Optional<TableMetadata> found = find(session);
    return found.isPresent() ? fitted(found.get()) : created(session, firstBatch);
  }

  /** Why a result of these columns can't be stored, each with its fix. */
  public static List<String> objections(CassandraSink sink, StructType result) {
    List<String> objections = new ArrayList<>();
    for (StructField field : result.fields()) {
      String type = field.dataType().simpleString();
      if (!StoredColumns.isStored(field.name())) {
        continue;
      }
      if (CqlTypes.of(field.dataType()).isEmpty()) {
        objections.add(CassandraErrors.unstorable(field.name(), type));
      } else if (sink.types().containsKey(field.name())
          && !CqlTypes.holds(CqlTypes.ofText(sink.types().get(field.name())), field.dataType())) {
        objections.add(
            CassandraErrors.typeOfText(field.name(), type, sink.types().get(field.name())));
      }
    }
    for (ClusteringColumn column : sink.clustering()) {
      if (!Arrays.asList(result.fieldNames()).contains(column.name())) {
        objections.add(CassandraErrors.unknownClustering(column.name()));
      }
    }
    return objections;
  }

  /** Which row of a key the table keeps, for {@code validate}. */
  public String orderNote(boolean isByMessage) {
    boolean isPlaced =
        CassandraPlan.of(sink, output, schema).hasChanges()
            && Arrays.asList(schema.fieldNames())
                .containsAll(List.of(ChangeColumns.PARTITION, ChangeColumns.OFFSET));
    return isByMessage || isPlaced
        ? "output "
            + output.name()
            + ": Cassandra keeps the row of the message with the highest offset of its partition;"
            + " a key has to stay in one partition (docs/cassandra.md, Order)"
        : "output "
            + output.name()
            + ": Cassandra keeps the row of the later batch (docs/cassandra.md, Order)";
  }

  private String place() {
    return sink.keyspace() + "." + sink.table();
  }

  private Optional<TableMetadata> find(CqlSession session) {
    return session
        .refreshSchema()
        .getKeyspace(CqlIdentifier.fromInternal(sink.keyspace()))
        .flatMap(keyspace -> keyspace.getTable(CqlIdentifier.fromInternal(sink.table())));
  }

  // ------------------------------------------------------------------ a table that is there

  private CassandraPlan fitted(TableMetadata table) {
    List<String> key = table.getPrimaryKey().stream().map(CassandraTable::name).toList();
    CassandraPlan plan =
        CassandraPlan.of(sink, output, schema, key, table.getPartitionKey().size());
    List<String> problems = new ArrayList<>();
    for (ColumnMetadata column : table.getPrimaryKey()) {
      if (plan.ordinal(name(column)) < 0) {
        problems.add(
            CassandraErrors.keyColumnMissing(name(column), column.getType().asCql(false, true)));
      }
    }
    List<String> identity = CassandraPlan.of(sink, output, schema).primaryKey();
    if (plan.hasChanges() && !Set.copyOf(identity).equals(Set.copyOf(key))) {
      problems.add(CassandraErrors.keysDiffer(identity, key));
    }
    for (String name : plan.columns()) {
      if (plan.ordinal(name) >= 0) {
        difference(schema.fields()[plan.ordinal(name)], table).ifPresent(problems::add);
      }
    }
    if (!problems.isEmpty()) {
      throw CassandraErrors.tableDisagrees(place(), output.name(), problems);
    }
    return plan;
  }

  private static Optional<String> difference(StructField field, TableMetadata table) {
    Optional<DataType> found =
        table.getColumn(CqlIdentifier.fromInternal(field.name())).map(ColumnMetadata::getType);
    String type = field.dataType().simpleString();
    if (found.isEmpty()) {
      return Optional.of(CassandraErrors.columnMissing(field.name(), type));
    }
    return CqlTypes.holds(found.get(), field.dataType())
        ? Optional.empty()
        : Optional.of(
            CassandraErrors.typesDiffer(field.name(), type, found.get().asCql(true, true)));
  }

  private static String name(ColumnMetadata column) {
    return column.getName().asInternal();
  }

  // ------------------------------------------------------------------ a table that is not there

  private CassandraPlan created(CqlSession session, long firstBatch) {
    if (firstBatch > 0) {
      throw CassandraErrors.lostTable(place(), firstBatch);
    }
    CassandraPlan plan = CassandraPlan.of(sink, output, schema);
    String statement = createTable(plan);
    boolean hasKeyspace =
        session.getMetadata().getKeyspace(CqlIdentifier.fromInternal(sink.keyspace())).isPresent();
    if (sink.create() == Create.NEVER) {
      throw hasKeyspace
          ? CassandraErrors.missingTable(place(), sink.connection().place(), statement)
          : CassandraErrors.missingKeyspace(sink.keyspace(), sink.connection().place());
    }
    if (!hasKeyspace) {
      session.execute(createKeyspace());
    }
    session.execute(statement);
    return plan;
  }

  String createKeyspace() {
    String factor =
        sink.replication().strategy().equals("SimpleStrategy")
            ? "replication_factor"
            : sink.connection().localDatacenter();
    return "CREATE KEYSPACE IF NOT EXISTS %s WITH replication = {'class': '%s', '%s': %d}"
        .formatted(
            CassandraPlan.quoted(sink.keyspace()),
            sink.replication().strategy(),
            factor.replace("'", "''"),
            sink.replication().factor());
  }

  String createTable(CassandraPlan plan) {
    String columns =
        types(plan).entrySet().stream()
            .map(
                column ->
                    CassandraPlan.quoted(column.getKey())
                        + " "
                        + column.getValue().asCql(true, true))
            .collect(Collectors.joining(", "));
    String partitionKey =
        output.key().stream().map(CassandraPlan::quoted).collect(Collectors.joining(", "));
    String clustering =
        sink.clustering().stream()
            .map(column -> ", " + CassandraPlan.quoted(column.name()))
            .collect(Collectors.joining());
    String order =
        sink.clustering().stream()
            .map(
                column ->
                    CassandraPlan.quoted(column.name())
                        + (column.isDescending() ? " DESC" : " ASC"))
            .collect(Collectors.joining(", "));
    return "CREATE TABLE IF NOT EXISTS %s (%s, PRIMARY KEY ((%s)%s))%s"
        .formatted(
            plan.quotedTable(),
            columns,
            partitionKey,
            clustering,
            order.isEmpty() ? "" : " WITH CLUSTERING ORDER BY (" + order + ")");
  }

  private Map<String, DataType> types(CassandraPlan plan) {
    Map<String, DataType> types = new LinkedHashMap<>();
    for (String name : plan.columns()) {
      DataType cql =
          Optional.ofNullable(sink.types().get(name))
              .map(CqlTypes::ofText)
              .or(() -> CqlTypes.of(schema.fields()[plan.ordinal(name)].dataType()))
              .orElseThrow();
      types.put(name, cql);
    }
    return types;
  }
}
