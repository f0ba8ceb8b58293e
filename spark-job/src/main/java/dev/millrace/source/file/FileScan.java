package dev.millrace.source.file;

import dev.millrace.config.FileSourceDefinition;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** The files of a folder as Spark's planner sees them: a row for each. Driver only. */
record FileScan(SparkSession session, FileSourceDefinition source)
    implements SupportsRead, ScanBuilder, Scan {

  /** The components of {@link SourceFile}. */
  static final StructType SCHEMA =
      StructType.fromDDL(
          "uri STRING NOT NULL, modifiedMillis BIGINT NOT NULL, bytes BIGINT NOT NULL");

  @Override
  public String name() {
    return source.place();
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

  @Override
  public StructType readSchema() {
    return SCHEMA;
  }

  // Spark still asks for it.
  @SuppressWarnings("deprecation")
  @Override
  public StructType schema() {
    return SCHEMA;
  }

  @Override
  public String description() {
    return name();
  }

  @Override
  public MicroBatchStream toMicroBatchStream(String checkpointLocation) {
    return new FileStream(session, source, checkpointLocation);
  }
}
