package dev.millrace.benchmark.contender;

import dev.millrace.benchmark.contender.Contender.Run;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.spark.sql.streaming.StreamingQueryListener;
import org.apache.spark.sql.streaming.StreamingQueryProgress;

/**
 * What Spark reports about its streaming queries: from the start of a query's first micro-batch to
 * the commit of its last. To open a session and to find that nothing more has come is not in it.
 *
 * <p>Spark makes one for every session itself, by {@link #SETTING}; so the runs of a process share
 * a queue. One query at a time.
 */
public final class StreamedRun extends StreamingQueryListener {

  /** The setting of Spark that names this class. */
  public static final String SETTING = "spark.sql.streaming.streamingQueryListeners";

  private static final long TIMEOUT_SECONDS = 600;
  private static final BlockingQueue<Batches> RUNS = new LinkedBlockingQueue<>();

  private Stopwatch watch;
  private long messages;
  private long nanoseconds;
  private long cpuNanoseconds;
  private List<Long> batchMillis = new ArrayList<>();

  /**
   * A run and its micro-batches that had messages.
   *
   * @param millis how long each took, in order
   */
  public record Batches(Run run, List<Long> millis) {

    public Batches {
      millis = List.copyOf(millis);
    }

    String toWords() {
      return "%d %d %d %s"
          .formatted(
              run.messages(),
              run.nanoseconds(),
              run.cpuNanoseconds(),
              millis.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }

    /** Reads what the process of a contender on Spark has answered. */
    public static Batches parse(String line) {
      String[] words = line.split(" ", -1);
      return new Batches(
          new Run(Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2])),
          Arrays.stream(words[3].split(",", -1))
              .filter(word -> !word.isEmpty())
              .map(Long::valueOf)
              .toList());
    }
  }

  /** The run that has just ended; waits for Spark to tell of it. */
  public static Run next() throws InterruptedException {
    return nextBatches().run();
  }

  /** The same, with its micro-batches. */
  public static Batches nextBatches() throws InterruptedException {
    Batches batches = RUNS.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    if (batches == null) {
      throw new IllegalStateException("Spark has not told of the query's end");
    }
    return batches;
  }

  @Override
  public void onQueryStarted(QueryStartedEvent event) {
    messages = 0;
    nanoseconds = 0;
    batchMillis = new ArrayList<>();
    watch = new Stopwatch();
  }

  @Override
  public void onQueryProgress(QueryProgressEvent event) {
    StreamingQueryProgress progress = event.progress();
    System.err.println(progress.prettyJson());
    if (progress.numInputRows() > 0) {
      messages += progress.numInputRows();
      long millis = progress.durationMs().get("triggerExecution");
      batchMillis.add(millis);
      nanoseconds += TimeUnit.MILLISECONDS.toNanos(millis);
      cpuNanoseconds = watch.stop(messages).cpuNanoseconds();
    }
  }

  @Override
  public void onQueryTerminated(QueryTerminatedEvent event) {
    RUNS.add(new Batches(new Run(messages, nanoseconds, cpuNanoseconds), batchMillis));
  }
}
