package dev.millrace.sink.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.ResultSet;
import dev.millrace.cassandra.CassandraRequests;
import dev.millrace.cassandra.CassandraSessions;
import dev.millrace.cassandra.CqlTypes;
import dev.millrace.cassandra.SparkValues;
import dev.millrace.config.SinkDefinition.CassandraSink;
import dev.millrace.error.CassandraErrors;
import dev.millrace.sink.SinkReader;
import dev.millrace.sql.Columns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;
import scala.Function1;

/** The rows of a view's table. A table does not tell which batch it is at. */
record CassandraSinkReader(CassandraSink sink) implements SinkReader {

  @Override
  public Optional<Held> read(SparkSession session, StructType result) throws InterruptedException {
    String select =
        "SELECT %s FROM %s.%s"
            .formatted(
                Arrays.stream(result.fieldNames())
                    .map(CassandraPlan::quoted)
                    .collect(Collectors.joining(", ")),
                CassandraPlan.quoted(sink.keyspace()),
                CassandraPlan.quoted(sink.table()));
    CassandraSessions sessions = new CassandraSessions(sink.connection(), sink.consistency());
    try (CqlSession cassandra = sessions.open(line -> {}, Optional.empty())) {
      Dataset<Row> rows =
          new CassandraRequests(sink.connection(), line -> {})
              .answered(
                  () -> rows(session, cassandra.execute(select), result),
                  refusal -> CassandraErrors.refusedRead(sink.place(), refusal));
      return Optional.of(new Held(rows, OptionalLong.empty()));
    }
  }

  private static Dataset<Row> rows(SparkSession session, ResultSet found, StructType result) {
    StructType columns = new StructType();
    List<UnaryOperator<Object>> values = new ArrayList<>();
    for (var column : found.getColumnDefinitions()) {
      DataType type = CqlTypes.toSpark(column.getType()).orElseThrow();
      columns = columns.add(column.getName().asInternal(), type);
      SparkValues spark = SparkValues.from(column.getType());
      Function1<Object, Object> external = CatalystTypeConverters.createToScalaConverter(type);
      values.add(value -> external.apply(spark.of(value)));
    }
    List<Row> rows = new ArrayList<>();
    for (var row : found) {
      Object[] read = new Object[values.size()];
      for (int i = 0; i < read.length; i++) {
        Object value = row.getObject(i);
        read[i] = value == null ? null : values.get(i).apply(value);
      }
      rows.add(RowFactory.create(read));
    }
    return session
        .createDataFrame(rows, columns)
        .select(
            Arrays.stream(result.fields())
                .map(field -> Columns.named(field.name()).cast(field.dataType()).as(field.name()))
                .toArray(Column[]::new));
  }

  /** Cassandra keeps milliseconds. */
  @Override
  public Dataset<Row> stored(Dataset<Row> rows) {
    return rows.select(
        Arrays.stream(rows.schema().fields())
            .map(
                field ->
                    field.dataType() instanceof TimestampType
                        ? functions
                            .date_trunc("MILLISECOND", Columns.named(field.name()))
                            .as(field.name())
                        : Columns.named(field.name()))
            .toArray(Column[]::new));
  }
}
