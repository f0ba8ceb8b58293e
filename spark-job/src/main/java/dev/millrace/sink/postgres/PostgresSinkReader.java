package dev.millrace.sink.postgres;

import dev.millrace.config.SinkDefinition.PostgresSink;
import dev.millrace.error.PostgresSinkErrors;
import dev.millrace.sink.SinkReader;
import dev.millrace.sql.Columns;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Function1;

/** The rows of a view's table and the mark of its batch, as of one moment. */
record PostgresSinkReader(PostgresSink sink) implements SinkReader {

  private static final int ROWS_AT_ONCE = 10_000;

  @Override
  public Optional<Held> read(SparkSession session, StructType result) throws InterruptedException {
    PostgresAccess access = PostgresAccess.of(sink);
    try (PostgresSession postgres = new PostgresSession(access, line -> {})) {
      return Optional.of(
          postgres.committed(
              connection -> held(session, connection, access, result),
              refusal -> PostgresSinkErrors.refusedRead(access.place(), refusal)));
    }
  }

  private static Held held(
      SparkSession session, Connection connection, PostgresAccess access, StructType result)
      throws SQLException {
    Queries.execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    OptionalLong batch =
        new DeliveryMarks(access, "")
            .read(connection)
            .map(mark -> OptionalLong.of(mark.batch()))
            .orElse(OptionalLong.empty());
    return new Held(rows(session, connection, access, result), batch);
  }

  private static Dataset<Row> rows(
      SparkSession session, Connection connection, PostgresAccess access, StructType result)
      throws SQLException {
    List<DataType> types = PostgresTypes.copied(result);
    List<Function1<Object, Object>> converters =
        types.stream().map(CatalystTypeConverters::createToScalaConverter).toList();
    StructType read = new StructType();
    for (int i = 0; i < types.size(); i++) {
      read = read.add(result.fields()[i].name(), types.get(i));
    }
    String select =
        "SELECT %s FROM %s.%s"
            .formatted(
                Arrays.stream(result.fields())
                    .map(PostgresSinkReader::expression)
                    .collect(Collectors.joining(", ")),
                PostgresPlan.quoted(access.schema()),
                PostgresPlan.quoted(access.table()));
    List<Row> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(ROWS_AT_ONCE);
      try (ResultSet found = statement.executeQuery(select)) {
        while (found.next()) {
          Object[] values = new Object[types.size()];
          for (int i = 0; i < values.length; i++) {
            Object value = ReadValues.internal(found, i + 1, types.get(i));
            values[i] = value == null ? null : converters.get(i).apply(value);
          }
          rows.add(RowFactory.create(values));
        }
      }
    }
    return session
        .createDataFrame(rows, read)
        .select(
            Arrays.stream(result.fields()).map(PostgresSinkReader::parsed).toArray(Column[]::new));
  }

  private static String expression(StructField field) {
    return ReadValues.expression(PostgresPlan.quoted(field.name()), field.dataType());
  }

  private static Column parsed(StructField field) {
    Column value = Columns.named(field.name());
    return PostgresTypes.isNested(field.dataType())
        ? functions.from_json(value, field.dataType(), ReadValues.JSON).as(field.name())
        : value;
  }
}
