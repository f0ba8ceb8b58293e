package dev.millrace.pipeline.batch;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.to_json;
import static org.apache.spark.sql.functions.when;

import dev.millrace.config.OutputDefinition;
import dev.millrace.error.data.DataError.Code;
import dev.millrace.event.ChangeColumns;
import dev.millrace.event.MessageColumns;
import dev.millrace.sink.Sink.Delivery;
import dev.millrace.sink.StorageLimit;
import dev.millrace.sql.Columns;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;

/**
 * The rows of one batch's result that the output's sink can store, and dead letters of the output
 * for the others. Driver only.
 */
public final class StorableRows {

  private static final int MAX_SHOWN = 80;

  /** A larger row is left out of its dead letter, which the sink of dead letters has to take. */
  private static final int MAX_VALUE_BYTES = 512 * 1024;

  private final OutputDefinition output;
  private final List<StorageLimit> limits;
  private final LongAccumulator found;

  public StorableRows(SparkSession session, OutputDefinition output, List<StorageLimit> limits) {
    this.output = output;
    this.limits = List.copyOf(limits);
    this.found = session.sparkContext().longAccumulator();
  }

  /** Begins another batch, whose rows a plan made for {@link #of} gives. */
  void begin() {
    found.reset();
  }

  /** Whether the sink stores every row. */
  public boolean areAll() {
    return limits.isEmpty();
  }

  /** The rows that the sink can store; an action on them notes whether there are others. */
  public Dataset<Row> of(Dataset<Row> result) {
    if (areAll()) {
      return result;
    }
    return result.where(when(isExceeded(), noted(lit(false))).otherwise(true));
  }

  /** A condition that is true for the rows of a result that the sink can't store, else false. */
  public Column isExceeded() {
    return coalesce(ofFirstExceeded(limit -> lit(true)), lit(false));
  }

  /** The value of a condition, once it is noted that there is a row that the sink can't store. */
  public Column noted(Column condition) {
    LongAccumulator counter = found;
    UDF1<Boolean, Boolean> note =
        value -> {
          counter.add(1);
          return value;
        };
    return functions.udf(note, DataTypes.BooleanType).asNondeterministic().apply(condition);
  }

  /** How many rows were {@link #noted} in the actions so far. */
  public long countOfNoted() {
    return found.value();
  }

  /** Which column of a row is concerned, for its dead letter; null where it is the whole row. */
  public Column concernedColumn() {
    return ofFirstExceeded(limit -> lit(limit.column()).cast("string"));
  }

  /** Why a row can't be stored and what to do, for its dead letter. */
  public Column message() {
    return concat(
        lit("Output " + output.name() + " can't store the row in " + output.sink().place()),
        ofFirstExceeded(
            limit -> concat(lit(": " + named(limit)), shown(limit), lit(limit.reason()))));
  }

  /** A row as JSON, for its dead letter; null for one that is larger than 512 KiB. */
  public static Column asValue(Column json) {
    return when(octet_length(json).leq(MAX_VALUE_BYTES), json);
  }

  /**
   * How many rows the sink can't store.
   *
   * @param result asked for where the rows have to be counted
   * @param delivery what an action on {@link #of} resulted in; where there was none the rows are
   *     counted
   */
  public long countOfOthers(Supplier<Dataset<Row>> result, Delivery delivery) {
    if (areAll()) {
      return 0;
    }
    return delivery == Delivery.DELIVERED ? found.value() : others(result.get()).count();
  }

  /**
   * The dead letters of the rows that the sink can't store.
   *
   * @param type the columns of dead letters; those that say nothing about a row are null
   */
  public Dataset<Row> deadLetters(Dataset<Row> result, StructType type, String pipeline) {
    List<String> names = List.of(result.columns());
    Function<StructField, Column> value =
        field ->
            switch (field.name()) {
              case "code" -> lit(Code.UNSTORABLE_ROW.name());
              case "column" -> concernedColumn();
              case "message" -> message();
              case "pipeline" -> lit(pipeline);
              case "value" -> asValue(to_json(struct(col("*"))));
              case "timestamp" -> ofResult(names, MessageColumns.MESSAGE_TIMESTAMP);
              case ChangeColumns.TOPIC, ChangeColumns.PARTITION, ChangeColumns.OFFSET, "file" ->
                  ofResult(names, field.name());
              default -> lit(null);
            };
    return others(result)
        .select(
            Arrays.stream(type.fields())
                .map(field -> value.apply(field).cast(field.dataType()).as(field.name()))
                .toArray(Column[]::new));
  }

  private Dataset<Row> others(Dataset<Row> result) {
    return result.where(isExceeded());
  }

  private static Column ofResult(List<String> names, String column) {
    return names.contains(column) ? col(column) : lit(null);
  }

  private static String named(StorageLimit limit) {
    return limit.column() == null ? "" : limit.column() + " is ";
  }

  private static Column shown(StorageLimit limit) {
    return limit.column() == null
        ? lit("")
        : concat(
            lit("`"),
            coalesce(
                substring(Columns.named(limit.column()).cast("string"), 1, MAX_SHOWN), lit("null")),
            lit("`, "));
  }

  /** Null where no limit is exceeded. */
  private Column ofFirstExceeded(Function<StorageLimit, Column> value) {
    return coalesce(
        limits.stream()
            .map(limit -> when(limit.isExceeded(), value.apply(limit)))
            .toArray(Column[]::new));
  }
}
