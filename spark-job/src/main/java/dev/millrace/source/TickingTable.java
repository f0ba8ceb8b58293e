package dev.millrace.source;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.streaming.StreamingRelationV2;
import org.apache.spark.sql.connector.catalog.Column;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.metric.CustomMetric;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.Scan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.connector.read.streaming.Offset;
import org.apache.spark.sql.connector.read.streaming.ReadLimit;
import org.apache.spark.sql.connector.read.streaming.ReportsSourceMetrics;
import org.apache.spark.sql.connector.read.streaming.SupportsTriggerAvailableNow;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * The table of a stream, which also has batches without rows where one is due: Spark runs a batch
 * if the offset is another one, and these differ in a blank at the end of their JSON. Driver only.
 *
 * @param table that reads the stream
 * @param isDue asked when the stream has nothing new
 */
record TickingTable(SupportsRead table, BooleanSupplier isDue) implements SupportsRead {

  /** A stream, just as it was loaded, with such batches. */
  static Dataset<Row> of(SparkSession session, Dataset<Row> loaded, BooleanSupplier isDue) {
    StreamingRelationV2 relation = (StreamingRelationV2) loaded.queryExecution().analyzed();
    return Dataset.ofRows(
        session,
        new StreamingRelationV2(
            relation.source(),
            relation.sourceName(),
            new TickingTable((SupportsRead) relation.table(), isDue),
            relation.extraOptions(),
            relation.output(),
            relation.catalog(),
            relation.identifier(),
            relation.v1Relation()));
  }

  @Override
  public String name() {
    return table.name();
  }

  @Override
  @Deprecated
  public StructType schema() {
    return table.schema();
  }

  @Override
  public Column[] columns() {
    return table.columns();
  }

  @Override
  public Set<TableCapability> capabilities() {
    return table.capabilities();
  }

  @Override
  public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
    return () -> new TickingScan(table.newScanBuilder(options).build(), isDue);
  }

  private record TickingScan(Scan scan, BooleanSupplier isDue) implements Scan {

    @Override
    public StructType readSchema() {
      return scan.readSchema();
    }

    @Override
    public String description() {
      return scan.description();
    }

    @Override
    public MicroBatchStream toMicroBatchStream(String checkpoint) {
      return new TickingStream(scan.toMicroBatchStream(checkpoint), isDue);
    }

    @Override
    public CustomMetric[] supportedCustomMetrics() {
      return scan.supportedCustomMetrics();
    }
  }

  /** An offset at which the stream was before; the same position by another text. */
  private static final class Tick extends Offset {

    static final String MARK = " ";

    private final Offset position;

    Tick(Offset position) {
      this.position = position;
    }

    @Override
    public String json() {
      return position.json() + MARK;
    }

    static Offset position(Offset offset) {
      return offset instanceof Tick tick ? tick.position : offset;
    }
  }

  private static final class TickingStream
      implements MicroBatchStream, SupportsTriggerAvailableNow, ReportsSourceMetrics {

    private final MicroBatchStream stream;
    private final BooleanSupplier isDue;

    /** So many batches without rows a run that ends by itself has; negative for any number. */
    private int ticksLeft = -1;

    TickingStream(MicroBatchStream stream, BooleanSupplier isDue) {
      this.stream = stream;
      this.isDue = isDue;
    }

    @Override
    public synchronized Offset latestOffset(Offset start, ReadLimit limit) {
      Offset position = Tick.position(start);
      Offset latest = ((SupportsTriggerAvailableNow) stream).latestOffset(position, limit);
      if (latest == null || !latest.equals(position)) {
        return latest;
      }
      if (ticksLeft == 0 || !isDue.getAsBoolean()) {
        return start;
      }
      ticksLeft--;
      return start instanceof Tick ? latest : new Tick(latest);
    }

    @Override
    public synchronized void prepareForTriggerAvailableNow() {
      ticksLeft = 1;
      ((SupportsTriggerAvailableNow) stream).prepareForTriggerAvailableNow();
    }

    @Override
    public Offset latestOffset() {
      throw new UnsupportedOperationException("Spark tells where the stream begins");
    }

    @Override
    public ReadLimit getDefaultReadLimit() {
      return ((SupportsTriggerAvailableNow) stream).getDefaultReadLimit();
    }

    @Override
    public Offset reportLatestOffset() {
      return ((SupportsTriggerAvailableNow) stream).reportLatestOffset();
    }

    @Override
    public Offset initialOffset() {
      return stream.initialOffset();
    }

    @Override
    public Offset deserializeOffset(String json) {
      Offset position = stream.deserializeOffset(json);
      return json.endsWith(Tick.MARK) ? new Tick(position) : position;
    }

    @Override
    public InputPartition[] planInputPartitions(Offset start, Offset end) {
      return stream.planInputPartitions(Tick.position(start), Tick.position(end));
    }

    @Override
    public PartitionReaderFactory createReaderFactory() {
      return stream.createReaderFactory();
    }

    @Override
    public Map<String, String> metrics(Optional<Offset> latestConsumedOffset) {
      return ((ReportsSourceMetrics) stream).metrics(latestConsumedOffset.map(Tick::position));
    }

    @Override
    public void commit(Offset end) {
      stream.commit(Tick.position(end));
    }

    @Override
    public void stop() {
      stream.stop();
    }
  }
}
