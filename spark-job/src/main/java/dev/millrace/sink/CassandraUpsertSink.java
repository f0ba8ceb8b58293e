package dev.millrace.sink;

import com.datastax.oss.driver.api.core.CqlSession;
import dev.millrace.cassandra.CassandraRequests;
import dev.millrace.cassandra.CassandraSessions;
import dev.millrace.cassandra.NodeAnnouncements;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition.CassandraSink;
import dev.millrace.error.CassandraErrors;
import dev.millrace.event.SourceRange;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.types.StructType;

/**
 * A table in Cassandra that holds the newest version of each row.
 *
 * <p>Every write is an upsert or a delete by primary key with the timestamp of its message or its
 * batch ({@link CassandraClock}), so a batch that is delivered again changes nothing. A server that
 * is gone is waited for; the batch goes on when it is back.
 */
final class CassandraUpsertSink implements Sink {

  private final CassandraSink definition;
  private final OutputDefinition output;
  private final PrintWriter progress;
  private final CassandraClockFile clockFile;
  private final InstantSource time;
  private final CassandraSessions sessions;
  private CqlSession session;
  private long firstBatch;
  private CassandraPlan plan;
  private CassandraClock clock;
  private Broadcast<CassandraSessions> broadcast;

  /**
   * @param progress is told when a server is gone, and when it is back
   * @param clockFile of the checkpoint that counts the batches
   * @param time the machine's, read where the checkpoint or a partition is new
   */
  CassandraUpsertSink(
      CassandraSink definition,
      OutputDefinition output,
      PrintWriter progress,
      CassandraClockFile clockFile,
      InstantSource time) {
    this.clockFile = clockFile;
    this.time = time;
    this.definition = definition;
    this.output = output;
    this.progress = progress;
    this.sessions = new CassandraSessions(definition.connection(), definition.consistency());
  }

  @Override
  public void begin(String queryId, long first) throws InterruptedException {
    firstBatch = first;
    session = sessions.open(this::say, Optional.of(new NodeAnnouncements(this::say)));
  }

  @Override
  public Delivery deliver(Batch batch) throws InterruptedException {
    if (plan == null) {
      plan = prepared(batch.rows().schema());
    }
    if (broadcast == null) {
      broadcast =
          JavaSparkContext.fromSparkContext(batch.rows().sparkSession().sparkContext())
              .broadcast(sessions);
    }
    advanceClock(batch);
    CassandraWrite write =
        new CassandraWrite(
            broadcast,
            plan,
            definition.onTruncate() == CassandraSink.OnTruncate.SKIP,
            definition.inFlight(),
            definition.rowsPerRequest(),
            definition.connection(),
            clock,
            batch.id());
    Evaluation.run("cassandra", batch.rows(), rows -> rows.mapPartitions(write).count());
    return Delivery.DELIVERED;
  }

  /** What a batch is written with is saved before it, so that its replay has the same. */
  private void advanceClock(Batch batch) {
    Optional<CassandraClock> saved = clock == null ? clockFile.load() : Optional.of(clock);
    long now = ChronoUnit.MICROS.between(Instant.EPOCH, time.instant());
    clock = saved.orElseGet(() -> CassandraClock.begun(now));
    List<SourceRange> messages = batch.messages().orElse(List.of());
    clock = clock.with(messages.stream().filter(range -> range.topicIndex() == 0).toList(), now);
    if (saved.isEmpty() || !saved.get().equals(clock)) {
      clockFile.save(clock);
    }
  }

  private CassandraPlan prepared(StructType schema) throws InterruptedException {
    CassandraTable table = new CassandraTable(definition, output, schema);
    return new CassandraRequests(definition.connection(), this::say)
        .answered(
            () -> table.prepare(session, firstBatch),
            refusal -> CassandraErrors.refusedWrite(definition.place(), refusal));
  }

  private void say(String line) {
    synchronized (progress) {
      progress.println(line);
      progress.flush();
    }
  }

  @Override
  public void close() {
    if (broadcast != null) {
      broadcast.value().close();
      broadcast.destroy();
    }
    if (session != null) {
      session.close();
    }
  }
}
