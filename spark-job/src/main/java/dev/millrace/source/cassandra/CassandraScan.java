package dev.millrace.source.cassandra;

import dev.millrace.config.CassandraSourceDefinition;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** A table of Cassandra as Spark's planner sees it. Driver only. */
record CassandraScan(
    SparkContext spark,
    CassandraSourceDefinition source,
    StructType readSchema,
    Consumer<String> progress)
    implements SupportsRead, ScanBuilder, Scan {

  @Override
  public String name() {
    return source.table().cql();
  }

  @Override
  public Set<TableCapability> capabilities() {
    return Set.of(TableCapability.MICRO_BATCH_READ);
  }

  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
    return this;
  }

  @Override
  public Scan build() {
    return this;
  }

  // Spark still asks for it.
  @SuppressWarnings("deprecation")
  @Override
  public StructType schema() {
    return readSchema;
  }

  @Override
  public String description() {
    return name();
  }

  @Override
  public MicroBatchStream toMicroBatchStream(String checkpointLocation) {
    return new CassandraStream(spark, source, progress);
  }
}
