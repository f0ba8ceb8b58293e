package dev.millrace.sink.postgres;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.octet_length;
import static org.apache.spark.sql.functions.to_json;

import dev.millrace.error.PostgresSinkErrors;
import dev.millrace.event.OrderColumns;
import dev.millrace.sink.StorageLimit;
import dev.millrace.sql.Columns;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/** Rows that a table in Postgres can't hold. Pure. */
final class PostgresLimits {

  /** The first day, at whose begin timestamps start, too: Julian day 0. */
  private static final LocalDate FIRST_DAY = LocalDate.of(-4713, 11, 24);

  /** The day after the last; timestamps of Spark end before those of Postgres. */
  private static final LocalDate END_OF_DAYS = LocalDate.of(5_874_898, 1, 1);

  /** What an entry of a B-tree may have, a third of a page, less what each column takes at most. */
  private static final int MAX_KEY_BYTES = 2_660;

  private static final int BYTES_PER_KEY_COLUMN = 24;

  /** Of a value of {@code jsonb}, for each byte of its text: a number of one digit takes twelve. */
  private static final int JSONB_BYTES_PER_BYTE = 8;

  /** An escape that has no backslash of its own before it. */
  private static final String NUL_IN_JSON = "(?<!\\\\)(\\\\\\\\)*\\\\u0000";

  private PostgresLimits() {}

  /**
   * The limits of a plan's rows.
   *
   * @param columns of the table, by name
   */
  static List<StorageLimit> of(PostgresPlan plan, Map<String, TargetTable.Found> columns) {
    List<StorageLimit> limits = new ArrayList<>();
    for (StructField field : plan.stored()) {
      TargetTable.Found found = columns.get(field.name());
      boolean isKey = plan.key().contains(field.name());
      Column isConcerned = isKey ? isNoTruncate(plan) : isWritten(plan);
      Column value = Columns.named(field.name());
      addType(field, value, isConcerned, limits);
      boolean isGuardedKey = isKey && plan.isGuarded();
      if (field.nullable() && (isGuardedKey || found.isRequired())) {
        limits.add(
            new StorageLimit(
                isConcerned.and(value.isNull()).and(isSent(plan, field)),
                field.name(),
                isGuardedKey
                    ? PostgresSinkErrors.nullInKey()
                    : PostgresSinkErrors.requiredValue(field.name())));
      }
      addFound(field, value, found, isConcerned, limits);
    }
    addKey(plan, limits);
    return limits;
  }

  /** Whether the row has a value of a column that is not part of the key. */
  private static Column isWritten(PostgresPlan plan) {
    if (plan.hasOperation()) {
      return Columns.named(plan.rows().fields()[0].name()).notEqual("d");
    }
    Column isWritten = isNoTruncate(plan);
    List<String> names = List.of(plan.rows().fieldNames());
    if (plan.isGuarded() && names.contains(OrderColumns.OPERATION)) {
      isWritten = isWritten.and(isNot(OrderColumns.OPERATION, "d"));
    }
    return isWritten;
  }

  /** Whether a null is a value; what Postgres did not send is null, too. */
  private static Column isSent(PostgresPlan plan, StructField field) {
    if (!plan.isGuarded() || !List.of(plan.rows().fieldNames()).contains(OrderColumns.UNCHANGED)) {
      return lit(true);
    }
    Column isUnsent = functions.array_contains(functions.col(OrderColumns.UNCHANGED), field.name());
    return coalesce(functions.not(isUnsent), lit(true));
  }

  /** A truncate has no row. */
  private static Column isNoTruncate(PostgresPlan plan) {
    return plan.isGuarded() && List.of(plan.rows().fieldNames()).contains(OrderColumns.OPERATION)
        ? isNot(OrderColumns.OPERATION, "t")
        : lit(true);
  }

  private static Column isNot(String column, String value) {
    return coalesce(functions.col(column).notEqual(value), lit(true));
  }

  /** What no table holds. */
  private static void addType(
      StructField field, Column value, Column isConcerned, List<StorageLimit> limits) {
    String name = field.name();
    DataType type = field.dataType();
    if (type instanceof StringType) {
      limits.add(
          new StorageLimit(
              isConcerned.and(StorableText.isUnstorable(value)),
              name,
              PostgresSinkErrors.unstorableText(name)));
    } else if (PostgresTypes.isNested(type)) {
      limits.add(
          new StorageLimit(
              isConcerned.and(to_json(value, PostgresTypes.JSON).rlike(NUL_IN_JSON)),
              name,
              PostgresSinkErrors.unstorableText(name)));
    } else if (type instanceof DateType) {
      limits.add(
          new StorageLimit(
              isConcerned.and(value.lt(lit(FIRST_DAY)).or(value.geq(lit(END_OF_DAYS)))),
              name,
              PostgresSinkErrors.outOfRange(name)));
    } else if (type instanceof TimestampType || type instanceof TimestampNTZType) {
      LocalDateTime first = FIRST_DAY.atStartOfDay();
      Instant instant = first.toInstant(ZoneOffset.UTC);
      limits.add(
          new StorageLimit(
              isConcerned.and(value.lt(type instanceof TimestampType ? lit(instant) : lit(first))),
              name,
              PostgresSinkErrors.outOfRange(name)));
    }
  }

  /** What a table that was there does not hold. */
  private static void addFound(
      StructField field,
      Column value,
      TargetTable.Found found,
      Column isConcerned,
      List<StorageLimit> limits) {
    String name = field.name();
    PostgresTypes.maxCharacters(found.type())
        .ifPresent(
            most ->
                limits.add(
                    new StorageLimit(
                        isConcerned.and(functions.length(value).gt(most)),
                        name,
                        PostgresSinkErrors.tooLong(name, found.type()))));
    PostgresTypes.numericBounds(found.type())
        .flatMap(bounds -> exceeds(bounds, field.dataType(), value))
        .ifPresent(
            isExceeded ->
                limits.add(
                    new StorageLimit(
                        isConcerned.and(isExceeded),
                        name,
                        PostgresSinkErrors.numberTooLarge(name, found.type()))));
  }

  /** Whether a number has more digits than a column; empty where none can have. */
  private static Optional<Column> exceeds(
      PostgresTypes.NumericBounds bounds, DataType type, Column value) {
    DecimalType decimal =
        type instanceof DecimalType own ? own : DataTypes.createDecimalType(19, 0);
    int whole = bounds.precision() - bounds.scale();
    Column exceeds = null;
    if (decimal.precision() - decimal.scale() > whole) {
      Column size = functions.abs(value.cast(decimal));
      exceeds = size.geq(lit(BigDecimal.ONE.movePointRight(whole)));
    }
    if (decimal.scale() > bounds.scale()) {
      Column isCut = functions.round(value, bounds.scale()).notEqual(value);
      exceeds = exceeds == null ? isCut : exceeds.or(isCut);
    }
    return Optional.ofNullable(exceeds);
  }

  private static void addKey(PostgresPlan plan, List<StorageLimit> limits) {
    List<StructField> ofAnySize =
        plan.stored().stream()
            .filter(field -> plan.key().contains(field.name()))
            .filter(field -> PostgresTypes.isOfAnySize(field.dataType()))
            .toList();
    if (ofAnySize.isEmpty()) {
      return;
    }
    Column bytes = lit(0);
    for (StructField field : ofAnySize) {
      bytes = bytes.plus(coalesce(bytes(field), lit(0)));
    }
    int most = MAX_KEY_BYTES - BYTES_PER_KEY_COLUMN * plan.key().size();
    limits.add(
        new StorageLimit(
            bytes.gt(most),
            ofAnySize.size() == 1 ? ofAnySize.get(0).name() : null,
            PostgresSinkErrors.keyTooLong(plan.key(), most)));
  }

  private static Column bytes(StructField field) {
    Column value = Columns.named(field.name());
    return field.dataType() instanceof StringType || field.dataType() instanceof BinaryType
        ? octet_length(value)
        : octet_length(to_json(value, PostgresTypes.JSON)).multiply(JSONB_BYTES_PER_BYTE);
  }
}
