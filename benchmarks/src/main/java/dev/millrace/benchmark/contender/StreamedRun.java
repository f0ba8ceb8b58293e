package dev.millrace.benchmark.contender;

import dev.millrace.benchmark.contender.Contender.Run;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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
  private static final BlockingQueue<Run> RUNS = new LinkedBlockingQueue<>();

  private Stopwatch watch;
  private long messages;
  private long nanoseconds;
  private long cpuNanoseconds;

  /** The run that has just ended; waits for Spark to tell of it. */
  public static Run next() throws InterruptedException {
    Run run = RUNS.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    if (run == null) {
      throw new IllegalStateException("Spark has not told of the query's end");
    }
    return run;
  }

  @Override
  public void onQueryStarted(QueryStartedEvent event) {
    messages = 0;
    nanoseconds = 0;
    watch = new Stopwatch();
  }

  @Override
  public void onQueryProgress(QueryProgressEvent event) {
    StreamingQueryProgress progress = event.progress();
    System.err.println(progress.prettyJson());
    if (progress.numInputRows() > 0) {
      messages += progress.numInputRows();
      nanoseconds += TimeUnit.MILLISECONDS.toNanos(progress.durationMs().get("triggerExecution"));
      cpuNanoseconds = watch.stop(messages).cpuNanoseconds();
    }
  }

  @Override
  public void onQueryTerminated(QueryTerminatedEvent event) {
    RUNS.add(new Run(messages, nanoseconds, cpuNanoseconds));
  }
}
