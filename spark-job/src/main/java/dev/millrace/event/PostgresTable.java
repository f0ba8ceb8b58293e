package dev.millrace.event;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What Postgres itself knows of a table.
 *
 * @param columns in the table's order
 * @param key names of the primary key's columns, in its order; empty where there is none
 * @param replicaIdentity as {@code table.replica-identity} spells it: {@code default}, {@code
 *     full}, {@code nothing} or {@code index NAME}
 * @param rows some of the table's rows, each value as Postgres writes it as text, or null
 */
public record PostgresTable(
    List<Column> columns, List<String> key, String replicaIdentity, List<List<String>> rows) {

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
   * @param isGenerated whether Postgres computes it ({@code GENERATED ALWAYS AS ... STORED})
   * @param hasDomainElements whether it is an array of a domain
   */
  public record Column(
      String name, String type, boolean isEnum, boolean isGenerated, boolean hasDomainElements) {

    private static final Pattern PARAMETERS = Pattern.compile("\\([^)]*\\)");
    private static final Pattern SCHEMA = Pattern.compile("^[a-z_]+[.]");

    /** Arrays for which Debezium 3.6 and 3.7 have a placeholder, by the type of their elements. */
    private static final Set<String> WITH_PLACEHOLDER =
        Set.of(
            "integer",
            "bigint",
            "text",
            "character varying",
            "character",
            "bytea",
            "json",
            "jsonb",
            "uuid",
            "date");

    /** A column that is neither computed nor an array of a domain. */
    public Column(String name, String type, boolean isEnum) {
      this(name, type, isEnum, false, false);
    }

    /**
     * Whether Debezium sends a plain null for a long value that an update did not touch, which
     * nobody can tell from a value that is null. With {@code REPLICA IDENTITY FULL} it does not.
     */
    public boolean isNullWhenUnchanged() {
      String base = SCHEMA.matcher(PARAMETERS.matcher(type).replaceAll("")).replaceFirst("");
      return base.endsWith("[]")
          ? !WITH_PLACEHOLDER.contains(base.substring(0, base.length() - 2))
          : base.equals("bit varying")
              || (base.equals("bit") && !type.matches("bit\\(\\d{1,4}\\)"));
    }
  }
}
