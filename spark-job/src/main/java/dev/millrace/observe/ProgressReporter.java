package dev.millrace.observe;

import dev.millrace.console.Console;
import dev.millrace.error.RunErrors;
import dev.millrace.event.DecodeCounts;
import dev.millrace.event.DecodeMetrics;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.StreamingQueryListener;
import org.apache.spark.sql.streaming.StreamingQueryProgress;

/**
 * Prints one line a micro-batch, with its date and time in UTC: what was read, what became of it,
 * how long it took, how far it is behind; and keeps {@link QueryMetrics} of each query. A batch
 * that read nothing prints nothing. Driver only.
 */
public final class ProgressReporter extends StreamingQueryListener {

  /** Name of the metrics that a stream of decoded messages observes. */
  public static final String DECODE = "decode";

  private final Console console;
  private final String topic;
  private final Clock clock;
  private final Set<String> unknownFields = ConcurrentHashMap.newKeySet();

  /** By query and batch: the events come late, after the next batch perhaps has been counted. */
  private final Map<UUID, NavigableMap<Long, DecodeCounts>> counts = new ConcurrentHashMap<>();

  /** As {@link #counts}, of batches that have such rows. */
  private final Map<UUID, NavigableMap<Long, Long>> unstorable = new ConcurrentHashMap<>();

  /** As {@link #counts}, of batches that have such changes. */
  private final Map<UUID, NavigableMap<Long, Long>> repeated = new ConcurrentHashMap<>();

  private final Set<String> unrecognisable = ConcurrentHashMap.newKeySet();
  private final Map<UUID, NavigableMap<Long, StateCounts>> states = new ConcurrentHashMap<>();
  private final Map<UUID, QueryMetrics> metrics = new ConcurrentHashMap<>();

  /**
   * @param topic the one that the pipeline reads
   */
  public ProgressReporter(PrintWriter out, String topic) {
    this(out, topic, Clock.systemUTC());
  }

  ProgressReporter(PrintWriter out, String topic, Clock clock) {
    this.console = new Console(out);
    this.topic = topic;
    this.clock = clock;
  }

  /** Tells, once for each of them, that rows have fields that the table does not declare. */
  public void unknownFields(List<String> names) {
    for (String name : names) {
      if (unknownFields.add(name)) {
        console.say(RunErrors.unknownField(name, topic));
      }
    }
  }

  /** Tells what a batch that is about to be committed has read. */
  public void counted(UUID queryId, long batchId, DecodeCounts batch) {
    counts.computeIfAbsent(queryId, id -> new ConcurrentSkipListMap<>()).put(batchId, batch);
  }

  /** Tells how many rows of a batch that is about to be committed its sink can't store. */
  public void unstorable(UUID queryId, long batchId, long rows) {
    if (rows > 0) {
      unstorable.computeIfAbsent(queryId, id -> new ConcurrentSkipListMap<>()).put(batchId, rows);
    }
  }

  /** Tells how many changes of a batch that is about to be committed were left out as repeated. */
  public void repeated(UUID queryId, long batchId, long changes) {
    if (changes > 0) {
      repeated.computeIfAbsent(queryId, id -> new ConcurrentSkipListMap<>()).put(batchId, changes);
    }
  }

  /** Tells, once for each output, that it has changes of which a repeated one is not recognised. */
  public void unrecognisable(String output) {
    if (unrecognisable.add(output)) {
      console.say(RunErrors.unrecognisableChanges(output, topic));
    }
  }

  /** Tells what a batch of views that is about to be committed found. */
  public void counted(UUID queryId, long batchId, StateCounts state) {
    states.computeIfAbsent(queryId, id -> new ConcurrentSkipListMap<>()).put(batchId, state);
  }

  @Override
  public void onQueryStarted(QueryStartedEvent event) {
    QueryMetrics query = new QueryMetrics(event.name());
    metrics.put(event.id(), query);
    SparkEnv.get().metricsSystem().registerSource(query);
  }

  @Override
  public void onQueryProgress(QueryProgressEvent event) {
    StreamingQueryProgress progress = event.progress();
    metricsOf(progress).ifPresent(query -> query.lag(offsetsBehind(progress)));
    NavigableMap<Long, DecodeCounts> counted =
        counts.getOrDefault(progress.id(), Collections.emptyNavigableMap());
    DecodeCounts known = counted.get(progress.batchId());
    Row observed = progress.observedMetrics().get(DECODE);
    if (known != null) {
      counted.headMap(progress.batchId(), true).clear();
      print(progress, known);
    } else if (observed != null) {
      DecodeMetrics metrics = DecodeMetrics.of(observed);
      unknownFields(metrics.unknownFields());
      print(progress, metrics.counts());
    }
  }

  @Override
  public void onQueryTerminated(QueryTerminatedEvent event) {
    counts.remove(event.id());
    unstorable.remove(event.id());
    repeated.remove(event.id());
    states.remove(event.id());
    Optional.ofNullable(metrics.remove(event.id()))
        .ifPresent(query -> SparkEnv.get().metricsSystem().removeSource(query));
  }

  private Optional<QueryMetrics> metricsOf(StreamingQueryProgress progress) {
    return Optional.ofNullable(metrics.get(progress.id()));
  }

  private void print(StreamingQueryProgress progress, DecodeCounts batch) {
    long unstored = counted(unstorable, progress);
    long repeats = counted(repeated, progress);
    if (batch.read() == 0 && unstored == 0) {
      return;
    }
    metricsOf(progress)
        .ifPresent(
            query ->
                query.batch(
                    progress.batchId(), batch, repeats, unstored, progress.batchDuration()));
    double seconds = Math.max(progress.batchDuration(), 1) / 1000.0;
    console.say(
        ("%s %s, batch %d: %,d read = %,d changes + %,d rejected + %,d skipped%s%s, in %.1f s"
                + " (%,.0f/s), %s%s")
            .formatted(
                Instant.now(clock).truncatedTo(ChronoUnit.SECONDS),
                progress.name(),
                progress.batchId(),
                batch.read(),
                batch.changes(),
                batch.rejected(),
                batch.skipped(),
                repeats == 0 ? "" : ", %,d repeated".formatted(repeats),
                unstored == 0
                    ? ""
                    : ", %,d row%s of the result unstorable"
                        .formatted(unstored, unstored == 1 ? "" : "s"),
                seconds,
                batch.read() / seconds,
                state(progress),
                lag(offsetsBehind(progress))));
  }

  private static long counted(
      Map<UUID, NavigableMap<Long, Long>> rows, StreamingQueryProgress progress) {
    NavigableMap<Long, Long> counted = rows.get(progress.id());
    if (counted == null) {
      return 0;
    }
    Long found = counted.get(progress.batchId());
    counted.headMap(progress.batchId(), true).clear();
    return found == null ? 0 : found;
  }

  /** What the views say of a batch; nothing of a query without views. */
  private String state(StreamingQueryProgress progress) {
    NavigableMap<Long, StateCounts> known =
        states.getOrDefault(progress.id(), Collections.emptyNavigableMap());
    StateCounts state = known.get(progress.batchId());
    if (state == null) {
      return "";
    }
    known.headMap(progress.batchId(), true).clear();
    return String.format(
        "%sstate of %,d rows and %,d groups in %s took %.0f%%, ",
        state.deadLetters() == 0
            ? ""
            : String.format("%,d dead letters of views, ", state.deadLetters()),
        state.rows(),
        state.groups(),
        size(state.bytes()),
        100.0 * state.millis() / Math.max(progress.batchDuration(), 1));
  }

  private static String size(long bytes) {
    if (bytes < 1_000_000) {
      return String.format("%.1f kB", bytes / 1e3);
    }
    return bytes < 1_000_000_000
        ? String.format("%.1f MB", bytes / 1e6)
        : String.format("%.1f GB", bytes / 1e9);
  }

  private static OptionalLong offsetsBehind(StreamingQueryProgress progress) {
    String behind = progress.sources()[0].metrics().get("maxOffsetsBehindLatest");
    return behind == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(behind));
  }

  private static String lag(OptionalLong behind) {
    if (behind.isEmpty()) {
      return "lag unknown";
    }
    return behind.getAsLong() == 0
        ? "no lag"
        : String.format("a partition is %,d offsets behind", behind.getAsLong());
  }
}
