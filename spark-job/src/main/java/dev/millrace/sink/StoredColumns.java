package dev.millrace.sink;

import dev.millrace.event.ChangeColumns;
import dev.millrace.event.MessageColumns;
import dev.millrace.event.OrderColumns;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.types.StructField;

/**
 * Which columns of a result a sink stores that keeps the newest row of each key: not what every
 * relation reports about a change or a message ({@code op}, {@code lsn}, {@code topic}, ...).
 */
public final class StoredColumns {

  private static final Set<String> ABOUT_CHANGES =
      Stream.of(
              Stream.of(ChangeColumns.BEFORE),
              ChangeColumns.DECODED.stream().map(StructField::name),
              MessageColumns.POSITION.stream().map(StructField::name),
              OrderColumns.ALL.stream())
          .flatMap(names -> names)
          .collect(Collectors.toUnmodifiableSet());

  private StoredColumns() {}

  /** Whether a column is stored that is not part of the key. */
  public static boolean isStored(String column) {
    return !ABOUT_CHANGES.contains(column);
  }
}
