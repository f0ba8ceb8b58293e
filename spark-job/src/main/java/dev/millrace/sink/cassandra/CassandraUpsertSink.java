package dev.millrace.sink.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.servererrors.QueryValidationException;
import com.datastax.oss.driver.api.core.type.DataType;
import dev.millrace.cassandra.CassandraRequests;
import dev.millrace.cassandra.CassandraSessions;
import dev.millrace.cassandra.NodeAnnouncements;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition.CassandraSink;
import dev.millrace.config.SinkDefinition.OnTruncate;
import dev.millrace.console.Console;
import dev.millrace.error.CassandraErrors;
import dev.millrace.event.SourceRange;
import dev.millrace.sink.Batch;
import dev.millrace.sink.PlannedRows;
import dev.millrace.sink.Sink;
import dev.millrace.sink.StorageLimit;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.types.StructType;

/**
 * A table in Cassandra that holds the newest version of each row.
 *
 * <p>Every write is an upsert or a delete by primary key with the timestamp of its message or its
 * batch ({@link CassandraClock}), so a batch that is delivered again changes nothing. A server that
 * is gone is waited for; the batch continues when it is back.
 */
public final class CassandraUpsertSink implements Sink {

  /** The server's default. */
  private static final long MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

  private static final Pattern SIZE = Pattern.compile("(\\d{1,12})(|B|KiB|MiB|GiB)");

  private final CassandraSink definition;
  private final OutputDefinition output;
  private final Console progress;
  private final CassandraClockFile clockFile;
  private final InstantSource time;
  private final CassandraSessions sessions;
  private CqlSession session;
  private long firstBatch;
  private CassandraPlan plan;
  private CassandraClock clock;
  private List<StorageLimit> limits;
  private Broadcast<CassandraSessions> broadcast;

  /**
   * @param progress is told when a server is gone, and when it is back
   * @param clockFile of the checkpoint that counts the batches
   * @param time the machine's, read where the checkpoint or a partition is new
   */
  public CassandraUpsertSink(
      CassandraSink definition,
      OutputDefinition output,
      PrintWriter progress,
      CassandraClockFile clockFile,
      InstantSource time) {
    this.clockFile = clockFile;
    this.time = time;
    this.definition = definition;
    this.output = output;
    this.progress = new Console(progress);
    this.sessions = new CassandraSessions(definition.connection(), definition.consistency());
  }

  @Override
  public void begin(String queryId, long first) throws InterruptedException {
    firstBatch = first;
    session = sessions.open(progress::say, Optional.of(new NodeAnnouncements(progress::say)));
  }

  @Override
  public void prepare(StructType result) throws InterruptedException {
    plan = prepared(result);
  }

  @Override
  public List<StorageLimit> limits(StructType result) throws InterruptedException {
    if (limits == null) {
      // A batch may carry columns that the query's own result does not have.
      plan = prepared(result);
      limits =
          new CassandraRequests(definition.connection(), progress::say)
              .answered(
                  this::limits,
                  refusal -> CassandraErrors.refusedWrite(definition.place(), refusal));
    }
    return limits;
  }

  private List<StorageLimit> limits() {
    List<DataType> types = new ArrayList<>();
    var variables = session.prepare(plan.insert()).getVariableDefinitions();
    for (int column = 0; column < plan.columns().size(); column++) {
      types.add(variables.get(column).getType());
    }
    return CassandraLimits.of(plan, types, maxMessageBytes());
  }

  /** What the server takes in one message, as far as this user may know. */
  private long maxMessageBytes() {
    try {
      Row row =
          session
              .execute(
                  "SELECT value FROM system_views.settings"
                      + " WHERE name = 'native_transport_max_message_size'")
              .one();
      return row == null ? MAX_MESSAGE_BYTES : bytes(row.getString(0));
    } catch (QueryValidationException e) {
      return MAX_MESSAGE_BYTES;
    }
  }

  /** A size as Cassandra's settings have it: {@code 8MiB}, or a number of bytes. */
  static long bytes(String setting) {
    Matcher size = SIZE.matcher(Objects.toString(setting, ""));
    if (!size.matches()) {
      return MAX_MESSAGE_BYTES;
    }
    int power = "BKMG".indexOf(size.group(2).isEmpty() ? 'B' : size.group(2).charAt(0));
    return Long.parseLong(size.group(1)) << (10 * power);
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
            definition.onTruncate() == OnTruncate.SKIP,
            definition.inFlight(),
            definition.rowsPerRequest(),
            definition.connection(),
            clock,
            batch.id());
    PlannedRows.of(batch.rows()).run("cassandra", rows -> rows.mapPartitions(write).count());
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
    return new CassandraRequests(definition.connection(), progress::say)
        .answered(
            () -> table.prepare(session, firstBatch),
            refusal -> CassandraErrors.refusedWrite(definition.place(), refusal));
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
