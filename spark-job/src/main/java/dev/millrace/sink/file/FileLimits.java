package dev.millrace.sink.file;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.udf;

import dev.millrace.config.CsvDialect;
import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.error.SinkErrors;
import dev.millrace.sink.StorageLimit;
import dev.millrace.sql.Columns;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.catalyst.catalog.ExternalCatalogUtils;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Values that files can't hold. Pure. */
final class FileLimits {

  /** No name of a file or folder has it, and Spark does not escape it as it does the others. */
  private static final String NUL = "\u0000";

  /** What file systems allow for the name of a folder, in bytes. */
  private static final int MAX_NAME_BYTES = 255;

  /** How Spark and Hive name the folder of nulls; every reader takes it for null. */
  private static final String FOLDER_OF_NULLS = ExternalCatalogUtils.DEFAULT_PARTITION_NAME();

  private static final LocalDate LAST_JULIAN = LocalDate.of(1582, 10, 5);
  private static final LocalDate FIRST_GREGORIAN = LocalDate.of(1582, 10, 15);

  private FileLimits() {}

  static List<StorageLimit> of(FileSink sink, StructType result) {
    List<StorageLimit> limits = new ArrayList<>();
    sink.partitionBy().forEach(column -> addNames(column, limits));
    if (sink.kind().equals("csv")) {
      addEncoding(CsvDialect.of(sink.options()).encoding(), sink, result, limits);
    }
    if (sink.kind().equals("orc")) {
      for (StructField field : result.fields()) {
        addTimesOfOrc(field, limits);
      }
    }
    return limits;
  }

  private static void addEncoding(
      Charset encoding, FileSink sink, StructType result, List<StorageLimit> limits) {
    if (encoding.equals(StandardCharsets.UTF_8)) {
      return;
    }
    String name = encoding.name();
    UDF1<String, Boolean> isLacking =
        value -> value != null && !Charset.forName(name).newEncoder().canEncode(value);
    UserDefinedFunction lacks = udf(isLacking, DataTypes.BooleanType);
    for (StructField field : result.fields()) {
      if (field.dataType() instanceof StringType && !sink.partitionBy().contains(field.name())) {
        limits.add(
            new StorageLimit(
                lacks.apply(Columns.named(field.name())),
                field.name(),
                SinkErrors.textOfOtherEncoding(field.name(), name)));
      }
    }
  }

  private static void addNames(String name, List<StorageLimit> limits) {
    Column text = Columns.named(name).cast("string");
    limits.add(
        new StorageLimit(
            text.equalTo(lit("")), name, SinkErrors.emptyPartitionValue(name, FOLDER_OF_NULLS)));
    limits.add(
        new StorageLimit(
            text.equalTo(lit(FOLDER_OF_NULLS)),
            name,
            SinkErrors.partitionValueOfNulls(name, FOLDER_OF_NULLS)));
    limits.add(new StorageLimit(text.contains(NUL), name, SinkErrors.partitionValueWithNul(name)));
    UDF1<String, Integer> encodedBytes =
        value ->
            value == null
                ? 0
                : ExternalCatalogUtils.getPartitionPathString(name, value)
                    .getBytes(StandardCharsets.UTF_8)
                    .length;
    UserDefinedFunction bytes = udf(encodedBytes, DataTypes.IntegerType);
    limits.add(
        new StorageLimit(
            bytes.apply(text).gt(MAX_NAME_BYTES),
            name,
            SinkErrors.longPartitionValue(name, MAX_NAME_BYTES)));
  }

  /**
   * Spark writes ORC in the calendar that changed in 1582, which lacks ten days; and ORC moves a
   * time in the last second before 1970 by a second.
   */
  private static void addTimesOfOrc(StructField field, List<StorageLimit> limits) {
    Column value = Columns.named(field.name());
    if (field.dataType().equals(DataTypes.DateType)) {
      limits.add(
          new StorageLimit(
              value.geq(lit(LAST_JULIAN)).and(value.lt(lit(FIRST_GREGORIAN))),
              field.name(),
              SinkErrors.dateThatOrcLacks(field.name())));
    } else if (field.dataType().equals(DataTypes.TimestampType)) {
      ZoneId zone = ZoneId.systemDefault();
      Column isInGap =
          value
              .geq(lit(LAST_JULIAN.atStartOfDay(zone).toInstant()))
              .and(value.lt(lit(FIRST_GREGORIAN.atStartOfDay(zone).toInstant())));
      Column isBefore1970 =
          value.gt(lit(Instant.EPOCH.minusSeconds(1))).and(value.lt(lit(Instant.EPOCH)));
      limits.add(
          new StorageLimit(
              coalesce(isInGap.or(isBefore1970), lit(false)),
              field.name(),
              SinkErrors.dateThatOrcLacks(field.name())));
    }
  }
}
