package dev.millrace.decode;

import static dev.millrace.config.ColumnDefinition.TimeUnit.MICROS;
import static dev.millrace.config.ColumnDefinition.TimeUnit.NONE;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.ColumnDefinition.TimeUnit;
import dev.millrace.config.ReplicaIdentity;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TableDefinition.OnError;
import dev.millrace.config.TextEncoding;
import dev.millrace.event.ChangeColumns;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/** Tables that the tests decode. */
public final class Tables {

  public static final Set<String> NULL_TOKENS = Set.of("", "null", "NULL", "nan", "NaN", "None");

  private static final String CSV = "ncr_ride_bookings.csv/";

  private Tables() {}

  /** The ride bookings with all their 24 columns, as the samples have them: whole in a delete. */
  public static TableDefinition rideBookings() {
    List<ColumnDefinition> columns = new ArrayList<>();
    columns.add(column("id", DataTypes.LongType));
    for (String name :
        List.of(
            "date",
            "time",
            "booking+id",
            "booking+status",
            "customer+id",
            "vehicle+type",
            "pickup+location",
            "drop+location")) {
      columns.add(csv(name, DataTypes.StringType));
    }
    columns.add(csv("avg+vtat", DataTypes.DoubleType));
    columns.add(csv("avg+ctat", DataTypes.DoubleType));
    columns.add(csv("cancelled+rides+by+customer", DataTypes.IntegerType));
    columns.add(csv("reason+for+cancelling+by+customer", DataTypes.StringType));
    columns.add(csv("cancelled+rides+by+driver", DataTypes.IntegerType));
    columns.add(csv("driver+cancellation+reason", DataTypes.StringType));
    columns.add(csv("incomplete+rides", DataTypes.IntegerType));
    columns.add(csv("incomplete+rides+reason", DataTypes.StringType));
    columns.add(csv("booking+value", DataTypes.DoubleType));
    columns.add(csv("ride+distance", DataTypes.DoubleType));
    columns.add(csv("driver+ratings", DataTypes.DoubleType));
    columns.add(csv("customer+rating", DataTypes.DoubleType));
    columns.add(csv("payment+method", DataTypes.StringType));
    columns.add(new ColumnDefinition("created_at", "created_at", DataTypes.TimestampType, MICROS));
    columns.add(new ColumnDefinition("updated_at", "updated_at", DataTypes.TimestampType, MICROS));
    return new TableDefinition(
            List.of("id"), TextEncoding.PYTHON_BYTES, NULL_TOKENS, OnError.REJECT, columns)
        .with(ReplicaIdentity.FULL);
  }

  /** A table with key {@code id}, whose text is not encoded and that has no null tokens. */
  public static TableDefinition plain(ColumnDefinition... columns) {
    List<ColumnDefinition> all = new ArrayList<>();
    all.add(column("id", DataTypes.LongType));
    all.addAll(List.of(columns));
    return new TableDefinition(List.of("id"), TextEncoding.NONE, Set.of(), OnError.REJECT, all);
  }

  public static ColumnDefinition column(String name, DataType type) {
    return new ColumnDefinition(name, name, type, NONE);
  }

  public static ColumnDefinition column(String name, DataType type, TimeUnit unit) {
    return new ColumnDefinition(name, name, type, unit);
  }

  /** The names of all columns that can be decoded from a table's messages. */
  static Set<String> allColumns(TableDefinition table) {
    Set<String> names = new LinkedHashSet<>(List.of(table.rowType().fieldNames()));
    ChangeColumns.DECODED.stream().map(StructField::name).forEach(names::add);
    if (table.hasBefore()) {
      names.add(ChangeColumns.BEFORE);
    }
    return names;
  }

  private static ColumnDefinition csv(String name, DataType type) {
    return new ColumnDefinition(name.replace('+', '_'), CSV + name, type, NONE);
  }
}
