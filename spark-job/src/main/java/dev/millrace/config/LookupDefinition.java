package dev.millrace.config;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The static side of a join: rows that SQL finds under a name in addition to those of the source.
 */
public sealed interface LookupDefinition {

  /** The name under which SQL knows it. */
  String name();

  /** Where it is, for a user to read. */
  String place();

  /** Whether its columns are known before it was looked at. */
  default boolean knowsColumns() {
    return true;
  }

  /**
   * Files, read as a whole.
   *
   * @param path a file or a folder of files
   * @param table how their columns are read
   * @param reload when they are read again
   */
  record FileLookup(
      String name,
      String path,
      FileFormat format,
      Map<String, String> options,
      TableDefinition table,
      Reload reload)
      implements LookupDefinition {

    public FileLookup {
      options = Map.copyOf(options);
    }

    @Override
    public String place() {
      return format.name().toLowerCase(Locale.ROOT) + " " + path;
    }

    /** Without the options' values, which may be secret. */
    @Override
    public String toString() {
      return "lookup %s: %s, options %s".formatted(name, place(), new TreeSet<>(options.keySet()));
    }
  }

  /**
   * A table of Cassandra, read as a whole; its columns are those of the table.
   *
   * @param reload how old its rows may be when a micro-batch begins; empty where they are read once
   */
  record CassandraLookup(String name, CassandraTableName table, Optional<Duration> reload)
      implements LookupDefinition {

    @Override
    public String place() {
      return table.place();
    }

    @Override
    public boolean knowsColumns() {
      return false;
    }
  }

  /** When a lookup of files is read again. */
  enum Reload {
    /** Before a micro-batch that finds it changed. */
    WHEN_CHANGED,
    /** Not in the same run. */
    NEVER
  }
}
