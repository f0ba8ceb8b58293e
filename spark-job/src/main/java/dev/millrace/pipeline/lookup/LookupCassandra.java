package dev.millrace.pipeline.lookup;

import com.datastax.oss.driver.api.core.CqlSession;
import dev.millrace.config.CassandraTableName;
import dev.millrace.config.LookupDefinition.CassandraLookup;
import dev.millrace.console.Console;
import dev.millrace.error.CassandraErrors;
import dev.millrace.error.UserException;
import dev.millrace.event.Relation;
import dev.millrace.source.cassandra.CassandraTableReader;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A lookup in a table of Cassandra, kept in the driver's memory until it is older than it may be. A
 * cluster that is gone when a run starts is waited for; later a warning is printed, and the
 * previous rows stay in use.
 */
public final class LookupCassandra implements Lookup {

  private final CassandraLookup definition;
  private final Console console;
  private final LongSupplier nanoTime;
  private CassandraTableReader.Found found;
  private List<Row> rows;
  private long readAt;

  /**
   * @param nanoTime the clock, as {@link System#nanoTime} gives it
   */
  public LookupCassandra(CassandraLookup definition, PrintWriter out, LongSupplier nanoTime) {
    this.definition = definition;
    this.console = new Console(out);
    this.nanoTime = nanoTime;
  }

  @Override
  public synchronized Relation relation() {
    requireRead();
    return new Relation(definition.name(), found.schema());
  }

  @Override
  public synchronized List<Row> current(SparkSession session) {
    requireRead();
    if (definition.reload().filter(this::isOlderThan).isPresent()) {
      reload();
    }
    return rows;
  }

  private void requireRead() {
    if (rows == null) {
      read(definition.table());
    }
  }

  private boolean isOlderThan(Duration age) {
    return nanoTime.getAsLong() - readAt >= age.toNanos();
  }

  /** A micro-batch does not wait for rows that there are already. */
  private void reload() {
    CassandraTableName table = definition.table();
    try {
      read(
          new CassandraTableName(
              table.connection().withRetryTimeout(Duration.ZERO),
              table.consistency(),
              table.keyspace(),
              table.name()));
    } catch (UserException e) {
      console.say(
          "lookup %s: %s The previous rows stay in use."
              .formatted(definition.name(), e.getMessage()));
      readAt = nanoTime.getAsLong();
    }
  }

  /** SQL is planned for the columns that were there first. */
  private void read(CassandraTableName name) {
    CassandraTableReader table = new CassandraTableReader(name, console::say);
    try (CqlSession session = table.open()) {
      if (found == null) {
        found = table.find(session);
      }
      rows = table.rows(session, found);
      readAt = nanoTime.getAsLong();
      console.say(
          "lookup %s: %,d rows from %s".formatted(definition.name(), rows.size(), name.place()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CassandraErrors.interrupted(name.connection().place(), e);
    }
  }
}
