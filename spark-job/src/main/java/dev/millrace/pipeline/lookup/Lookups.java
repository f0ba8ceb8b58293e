package dev.millrace.pipeline.lookup;

import dev.millrace.config.LookupDefinition;
import dev.millrace.config.LookupDefinition.CassandraLookup;
import dev.millrace.config.LookupDefinition.FileLookup;
import dev.millrace.event.Relation;
import dev.millrace.view.plan.LookupRows;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The lookups of a pipeline, and the one place that knows all kinds of them. Driver only. */
public record Lookups(List<Lookup> all) {

  /**
   * Opens lookups; nothing is read yet.
   *
   * @param out is told of what is read
   */
  public static Lookups open(
      List<LookupDefinition> definitions, Configuration hadoop, PrintWriter out) {
    return new Lookups(
        definitions.stream().map(definition -> open(definition, hadoop, out)).toList());
  }

  private static Lookup open(LookupDefinition definition, Configuration hadoop, PrintWriter out) {
    if (definition instanceof FileLookup files) {
      return new LookupFiles(files, hadoop, out);
    }
    if (definition instanceof CassandraLookup table) {
      return new LookupCassandra(table, out, System::nanoTime);
    }
    throw new IllegalArgumentException("no lookup for " + definition);
  }

  /** The names and columns of all. */
  public List<Relation> relations() {
    return all.stream().map(Lookup::relation).toList();
  }

  /** The rows of each by its name. */
  public Map<String, Dataset<Row>> rows(SparkSession session) {
    Map<String, Dataset<Row>> rows = new LinkedHashMap<>();
    all.forEach(lookup -> rows.put(lookup.relation().name(), lookup.rows(session)));
    return rows;
  }

  /** The rows of one as views take them. */
  public LookupRows version(String name, SparkSession session) {
    Lookup lookup =
        all.stream()
            .filter(each -> each.relation().name().equals(name))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no lookup is named " + name));
    return LookupRows.of(lookup.relation().columns(), lookup.current(session));
  }
}
