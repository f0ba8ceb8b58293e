package dev.millrace.source.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import dev.millrace.cassandra.CassandraRequests;
import dev.millrace.cassandra.CassandraSessions;
import dev.millrace.config.CassandraTableName;
import dev.millrace.error.CassandraErrors;
import dev.millrace.event.SourceRange;
import dev.millrace.source.cassandra.TokenRanges.TokenRange;
import java.lang.ref.Reference;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.connector.read.PartitionReader;
import org.apache.spark.sql.connector.read.PartitionReaderFactory;

/**
 * What one task reads of a table: the rows of some ranges of tokens.
 *
 * @param index of the part among those of the ring
 * @param from how often the table was read before
 * @param until how often it was read after
 */
public record CassandraPartition(
    CassandraTableName table,
    CassandraSelect select,
    int index,
    List<TokenRange> ranges,
    long from,
    long until)
    implements InputPartition {

  /** What is delivered once: this part of this read. */
  public SourceRange range() {
    return new SourceRange(table.cql(), 0, index, from, until, Long.MAX_VALUE);
  }

  /** Opens readers on executors, which share a session. */
  record Readers(Broadcast<CassandraSessions> sessions) implements PartitionReaderFactory {
    @Override
    public PartitionReader<InternalRow> createReader(InputPartition partition) {
      return new Reader((CassandraPartition) partition, sessions.value());
    }
  }

  /** Reads one range after the other. */
  private static final class Reader implements PartitionReader<InternalRow> {

    private final CassandraPartition partition;
    private final CassandraRequests requests;
    private final Iterator<TokenRange> ranges;
    private final CassandraSessions sessions;
    private final CqlSession session;
    private final PreparedStatement select;
    private CassandraRows rows;
    private InternalRow row;

    Reader(CassandraPartition partition, CassandraSessions sessions) {
      this.partition = partition;
      this.sessions = sessions;
      this.requests = new CassandraRequests(partition.table().connection(), line -> {});
      this.ranges = partition.ranges().iterator();
      try {
        this.session = sessions.session();
        this.select =
            requests.answered(
                () -> session.prepare(partition.select().ofRange()),
                refusal -> CassandraErrors.refusedRead(partition.table().cql(), refusal));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw CassandraErrors.interrupted(partition.table().connection().place(), e);
      }
    }

    @Override
    public boolean next() {
      try {
        return advance();
      } finally {
        // The session is open as long as what it came from can be reached.
        Reference.reachabilityFence(sessions);
      }
    }

    private boolean advance() {
      while (rows == null || !rows.hasNext()) {
        if (!ranges.hasNext()) {
          return false;
        }
        rows = new CassandraRows(session, requests, partition.table().cql(), of(ranges.next()));
      }
      row = rows.next();
      return true;
    }

    private BoundStatement of(TokenRange range) {
      BoundStatement bound = select.bind(range.after(), range.upTo());
      return session
          .getMetadata()
          .getTokenMap()
          .map(ring -> bound.setRoutingToken(ring.parse(Long.toString(range.upTo()))))
          .orElse(bound);
    }

    @Override
    public InternalRow get() {
      return row;
    }

    @Override
    public void close() {}
  }
}
