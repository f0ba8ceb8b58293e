package dev.millrace.sink;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What a sink holds, and what it was given, so that tests can compare them. */
public final class ReadRows {

  private ReadRows() {}

  /** The columns without that of the operation. */
  public static StructType withoutFirst(StructType type) {
    return new StructType(Arrays.copyOfRange(type.fields(), 1, type.length(), StructField[].class));
  }

  /** Rows in the order of their ids; bytes and negative zeros are told apart, too. */
  public static List<String> texts(Dataset<Row> rows) {
    return rows.orderBy("id").collectAsList().stream()
        .map(
            row ->
                IntStream.range(0, row.length())
                    .mapToObj(
                        i ->
                            row.get(i) instanceof byte[] bytes
                                ? Arrays.toString(bytes)
                                : String.valueOf(row.get(i)))
                    .toList()
                    .toString())
        .toList();
  }
}
