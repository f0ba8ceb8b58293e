package dev.millrace.source.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.metadata.TokenMap;
import dev.millrace.cassandra.CassandraSessions;
import dev.millrace.cassandra.NodeAnnouncements;
import dev.millrace.config.CassandraSourceDefinition;
import dev.millrace.config.CassandraTableName;
import dev.millrace.error.CassandraErrors;
import dev.millrace.source.cassandra.TokenRanges.TokenRange;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.spark.SparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;
import org.apache.spark.sql.connector.read.streaming.MicroBatchStream;
import org.apache.spark.sql.connector.read.streaming.Offset;
import org.apache.spark.sql.connector.read.streaming.ReadLimit;
import org.apache.spark.sql.connector.read.streaming.ReportsSourceMetrics;
import org.apache.spark.sql.connector.read.streaming.SupportsTriggerAvailableNow;
import scala.reflect.ClassTag$;

/**
 * Reads a table once in the life of a query: a run that finds a read of an earlier one unfinished
 * does that again, and no other. The position counts the reads. Driver only.
 */
final class CassandraStream
    implements MicroBatchStream, SupportsTriggerAvailableNow, ReportsSourceMetrics {

  private static final String PARTITIONER = "Murmur3Partitioner";

  private final SparkContext spark;
  private final CassandraSourceDefinition source;
  private final Consumer<String> progress;
  private final CassandraSessions sessions;
  private Broadcast<CassandraSessions> broadcast;
  private CqlSession session;
  private CassandraTableReader.Found found;

  /** Where this run ends; null until its read has begun. */
  private TableReads end;

  CassandraStream(SparkContext spark, CassandraSourceDefinition source, Consumer<String> progress) {
    this.spark = spark;
    this.source = source;
    this.progress = progress;
    this.sessions =
        new CassandraSessions(source.table().connection(), source.table().consistency());
  }

  @Override
  public Offset initialOffset() {
    return new TableReads(0, source.splits());
  }

  @Override
  public Offset deserializeOffset(String json) {
    return TableReads.parse(json);
  }

  @Override
  public void prepareForTriggerAvailableNow() {}

  @Override
  public Offset latestOffset() {
    throw new UnsupportedOperationException("Spark tells where the stream begins");
  }

  @Override
  public synchronized Offset latestOffset(Offset start, ReadLimit limit) {
    if (end == null) {
      end = new TableReads(((TableReads) start).count() + 1, source.splits());
    }
    return end;
  }

  @Override
  public synchronized InputPartition[] planInputPartitions(Offset start, Offset until) {
    end = (TableReads) until;
    look();
    List<List<TokenRange>> parts = TokenRanges.parts(end.splits(), borders());
    InputPartition[] partitions = new InputPartition[parts.size()];
    for (int part = 0; part < partitions.length; part++) {
      partitions[part] =
          new CassandraPartition(
              source.table(),
              found.select(),
              part,
              parts.get(part),
              ((TableReads) start).count(),
              end.count());
    }
    return partitions;
  }

  private void look() {
    if (found != null) {
      return;
    }
    CassandraTableName table = source.table();
    try {
      session = sessions.open(progress, Optional.of(new NodeAnnouncements(progress)));
      found = new CassandraTableReader(table, progress).find(session);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CassandraErrors.interrupted(table.connection().place(), e);
    }
  }

  /** The tokens at which the parts of the ring end that nodes have; none where that is unknown. */
  private List<Long> borders() {
    Optional<TokenMap> ring = session.getMetadata().getTokenMap();
    if (ring.isEmpty()) {
      return List.of();
    }
    if (!ring.get().getPartitionerName().endsWith(PARTITIONER)) {
      throw CassandraErrors.otherPartitioner(
          source.table().connection().key(),
          source.table().connection().place(),
          ring.get().getPartitionerName());
    }
    return ring.get().getTokenRanges().stream()
        .map(range -> Long.valueOf(ring.get().format(range.getEnd())))
        .toList();
  }

  @Override
  public synchronized PartitionReaderFactory createReaderFactory() {
    if (broadcast == null) {
      broadcast = spark.broadcast(sessions, ClassTag$.MODULE$.apply(CassandraSessions.class));
    }
    return new CassandraPartition.Readers(broadcast);
  }

  /** What was read is all that there was. */
  @Override
  public Map<String, String> metrics(Optional<Offset> latestConsumed) {
    return Map.of("maxOffsetsBehindLatest", "0");
  }

  @Override
  public void commit(Offset read) {}

  @Override
  public synchronized void stop() {
    sessions.close();
    if (broadcast != null) {
      broadcast.destroy();
    }
    if (session != null) {
      session.close();
    }
  }
}
