package dev.millrace.event;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What Postgres itself knows of a table.
 *
 * @param columns in the table's order
 * @param key names of the primary key's columns, in its order; empty where there is none
 * @param rows some of the table's rows, each value as Postgres writes it as text, or null
 */
public record PostgresTable(List<Column> columns, List<String> key, List<List<String>> rows) {

  public PostgresTable {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
    rows = rows.stream().map(row -> Collections.unmodifiableList(new ArrayList<>(row))).toList();
  }

  /**
   * A column.
   *
   * @param type as {@code format_type} spells it: {@code numeric(10,2)}, {@code timestamp(3)
   *     without time zone}, {@code integer[]}; of a domain the type below it
   * @param isEnum whether the type, or that of an array's elements, is one that {@code CREATE TYPE
   *     ... AS ENUM} made
   */
  public record Column(String name, String type, boolean isEnum) {}
}
