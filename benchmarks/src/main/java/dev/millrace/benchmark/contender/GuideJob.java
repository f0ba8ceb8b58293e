package dev.millrace.benchmark.contender;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.from_json;
import static org.apache.spark.sql.functions.from_unixtime;
import static org.apache.spark.sql.functions.regexp_replace;

import dev.millrace.config.ColumnDefinition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampType;

/**
 * What a Spark user would write: {@code from_json}, and for each column of text three {@code
 * regexp_replace} that take the literal off, then a cast; {@code from_unixtime} for timestamps.
 */
public final class GuideJob implements Contender {

  private static final Set<String> SIX =
      Set.of("id", "booking_status", "booking_value", "ride_distance", "created_at_ts");
  private static final String OPERATION = "__op";

  private final SparkSession session = SparkStream.session();
  private final List<ColumnDefinition> table = RidePipeline.table(1).columns();

  private GuideJob() {}

  public static void main(String[] arguments) throws Exception {
    ContenderServer.serve(new GuideJob());
  }

  @Override
  public Run run(Task task, Path folder) throws Exception {
    List<ColumnDefinition> wanted =
        table.stream()
            .filter(column -> task.columns() > SIX.size() + 1 || SIX.contains(column.name()))
            .toList();
    return SparkStream.write(cleaned(SparkStream.messages(session, task), wanted), task, folder);
  }

  private static Dataset<Row> cleaned(Dataset<Row> messages, List<ColumnDefinition> wanted) {
    StructType schema = new StructType();
    List<Column> columns = new ArrayList<>();
    for (ColumnDefinition column : wanted) {
      schema =
          schema.add(column.from(), isNumber(column) ? DataTypes.LongType : DataTypes.StringType);
      columns.add(clean(column).as(column.name()));
    }
    schema = schema.add(OPERATION, DataTypes.StringType);
    columns.add(col("ride." + OPERATION).as("op"));
    return messages
        .select(from_json(col("value").cast("string"), schema).as("ride"))
        .select(columns.toArray(Column[]::new));
  }

  private static Column clean(ColumnDefinition column) {
    Column sent = col("ride.`" + column.from() + "`");
    if (column.type().sqlType() instanceof TimestampType) {
      return from_unixtime(sent.divide(1_000_000)).cast(DataTypes.TimestampType);
    }
    if (isNumber(column)) {
      return sent;
    }
    Column text =
        regexp_replace(regexp_replace(regexp_replace(sent, "^b['\"]", ""), "['\"]$", ""), "\"", "");
    return text.cast(column.type().sqlType());
  }

  private static boolean isNumber(ColumnDefinition column) {
    return column.type().sqlType().equals(DataTypes.LongType)
        || column.type().sqlType() instanceof TimestampType;
  }

  @Override
  public void close() {
    session.stop();
  }
}
