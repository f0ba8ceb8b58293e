package dev.millrace.sink.file;

import dev.millrace.config.CsvDialect;
import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.error.SinkErrors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.CalendarIntervalType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.YearMonthIntervalType;

/** Which results files of a format can hold. Pure. */
final class FileTypes {

  static final String CSV = "csv";
  private static final String JSON = "json";
  private static final String TEXT = "text";

  private FileTypes() {}

  /** Why a result of these columns can't be stored, each with its fix; empty for nothing. */
  static List<String> objections(FileSink sink, StructType result) {
    List<String> names = List.of(result.fieldNames());
    List<String> objections = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name.toLowerCase(Locale.ROOT))) {
        objections.add(SinkErrors.repeatedColumn(sink.kind(), name));
      }
    }
    for (String column : sink.partitionBy()) {
      if (!names.contains(column)) {
        objections.add(SinkErrors.missingPartitionColumn(sink.kind(), column, names));
      } else {
        insteadOfFolder(result.apply(column))
            .map(
                expression ->
                    SinkErrors.partitionColumnOfType(
                        sink.kind(), column, result.apply(column).dataType().sql(), expression))
            .ifPresent(objections::add);
      }
    }
    List<StructField> held =
        Arrays.stream(result.fields())
            .filter(field -> !sink.partitionBy().contains(field.name()))
            .toList();
    if (held.isEmpty() && !sink.partitionBy().isEmpty()) {
      objections.add(SinkErrors.partitionByAll(sink.kind()));
      return objections;
    }
    if (sink.kind().equals(TEXT)) {
      if (held.size() != 1 || !(held.get(0).dataType() instanceof StringType)) {
        objections.add(
            SinkErrors.notOneText(
                held.stream().map(field -> field.name() + " " + field.dataType().sql()).toList()));
      }
      return objections;
    }
    boolean isNullEmpty =
        sink.kind().equals(CSV) && CsvDialect.of(sink.options()).nullText().orElse("").isEmpty();
    if (isNullEmpty && held.size() == 1 && held.get(0).nullable()) {
      objections.add(SinkErrors.emptyLine(held.get(0).name()));
    }
    for (StructField field : held) {
      instead(sink.kind(), field)
          .map(
              expression ->
                  SinkErrors.unholdable(
                      sink.kind(), field.name(), field.dataType().sql(), expression))
          .ifPresent(objections::add);
    }
    return objections;
  }

  /** What to select instead of a column by which no folder can be named; empty where one can. */
  private static Optional<String> insteadOfFolder(StructField field) {
    DataType type = field.dataType();
    if (type instanceof StructType || type instanceof ArrayType || type instanceof MapType) {
      return Optional.of("to_json(" + field.name() + ")");
    }
    if (type instanceof BinaryType) {
      return Optional.of("hex(" + field.name() + ")");
    }
    return holdsInterval(type) || type instanceof NullType
        ? Optional.of("CAST(" + field.name() + " AS STRING)")
        : Optional.empty();
  }

  /** What to select instead of a column that the format can't hold; empty where it can. */
  private static Optional<String> instead(String format, StructField field) {
    DataType type = field.dataType();
    String name = field.name();
    boolean isNested =
        type instanceof StructType || type instanceof ArrayType || type instanceof MapType;
    if (format.equals(CSV) && isNested) {
      return Optional.of("to_json(" + name + ")");
    }
    if (format.equals(CSV) && type instanceof BinaryType) {
      return Optional.of("base64(" + name + ")");
    }
    boolean hasNoType = holds(type, NullType.class) && !format.equals(JSON);
    if (hasNoType || holdsInterval(type)) {
      return Optional.of(isNested ? "to_json(" + name + ")" : "CAST(" + name + " AS STRING)");
    }
    return Optional.empty();
  }

  private static boolean holdsInterval(DataType type) {
    return holds(type, CalendarIntervalType.class)
        || holds(type, DayTimeIntervalType.class)
        || holds(type, YearMonthIntervalType.class);
  }

  private static boolean holds(DataType type, Class<? extends DataType> sought) {
    return type.existsRecursively(part -> sought.isInstance(part));
  }
}
