package dev.millrace.source.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import dev.millrace.config.CassandraSourceDefinition;
import dev.millrace.config.SourceDefinition;
import dev.millrace.source.Source;
import dev.millrace.source.StreamRelations;
import java.util.List;
import java.util.function.Consumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** A table of Cassandra, a stream of which every run is one micro-batch: all its rows. */
public record CassandraSource(CassandraSourceDefinition source, Consumer<String> progress)
    implements Source {

  /** Reports what the table is like, with a few of its rows. */
  @Override
  public SourceDefinition check() throws InterruptedException {
    CassandraTableReader table = new CassandraTableReader(source.table(), progress);
    try (CqlSession session = table.open()) {
      CassandraTableReader.Found found = table.find(session);
      describe(found);
      List<String> sample = table.sample(session, found, Math.max(1, source.sample()));
      if (sample.isEmpty()) {
        progress.accept(source.place() + " is empty: there is nothing to deliver");
      } else if (source.sample() > 0) {
        progress.accept("its first " + sample.size() + " rows:");
        sample.forEach(row -> progress.accept("  " + row));
      }
      return source.with(found.columns(), found.key());
    }
  }

  private void describe(CassandraTableReader.Found found) {
    progress.accept(
        "%s: %d columns, primary key (%s)"
            .formatted(source.place(), found.columns().size(), String.join(", ", found.key())));
    int longest = found.columns().stream().mapToInt(field -> field.name().length()).max().orElse(0);
    int longestType = found.cql().stream().mapToInt(String::length).max().orElse(0);
    for (int column = 0; column < found.columns().size(); column++) {
      StructField field = found.columns().get(column);
      progress.accept(
          ("  %-" + longest + "s  %-" + longestType + "s  %s")
              .formatted(field.name(), found.cql().get(column), field.dataType().simpleString()));
    }
  }

  @Override
  public Dataset<Row> open(SparkSession session) {
    StructType schema = new StructType(source.columns().toArray(StructField[]::new));
    return StreamRelations.open(
        session,
        new CassandraScan(session.sparkContext(), source, schema, progress),
        source.kind());
  }
}
