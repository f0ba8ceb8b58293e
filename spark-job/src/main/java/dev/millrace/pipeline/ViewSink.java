package dev.millrace.pipeline;

import dev.millrace.error.SinkErrors;
import dev.millrace.pipeline.ViewOutputs.ViewOutput;
import dev.millrace.retry.Backoff;
import dev.millrace.sink.Sink;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The sink of a view. While its server is away it can be detached: a thread of its own then opens
 * it again, as often as that takes, and the view's next batch finds it ready. Driver only; its
 * methods are called by one thread.
 */
final class ViewSink implements AutoCloseable {

  /** Longer than any outage: nobody waits for the attempts. */
  private static final Duration ENDLESS = Duration.ofDays(36_500);

  private final ViewOutput view;
  private final Supplier<Sink> opener;
  private final Consumer<String> say;
  private Sink sink;
  private String queryId;
  private Reopening reopening;

  /**
   * @param opener makes the sink, without a connection yet
   * @param say takes lines for the user
   */
  ViewSink(ViewOutput view, Supplier<Sink> opener, Consumer<String> say) {
    this.view = view;
    this.opener = opener;
    this.say = say;
    this.sink = opener.get();
  }

  /**
   * Called before the first batch.
   *
   * @param firstBatch the batch that comes next; 0 where the sink is to get the whole result
   */
  void begin(String query, long firstBatch) throws InterruptedException {
    queryId = query;
    begin(sink, firstBatch);
  }

  private void begin(Sink opened, long firstBatch) throws InterruptedException {
    opened.begin(queryId, firstBatch);
    // Now, as the first batch may be long in coming: a table that does not fit ends the start.
    opened.prepare(new ViewRows(view, false).type());
  }

  /** The sink, which is attached. */
  Sink attached() {
    return sink;
  }

  boolean isAttached() {
    return sink != null;
  }

  /** Closes the sink, and begins to open it again. */
  void detach(String query) {
    queryId = query;
    Sink away = sink;
    sink = null;
    closeQuietly(away);
    reopening = new Reopening();
    reopening.thread.start();
  }

  /** Whether the sink is detached and was opened again. */
  boolean isBack() {
    return reopening != null && reopening.opened.isDone();
  }

  /** Attaches a sink that {@link #isBack}; it has to get the whole result. */
  void attach() {
    sink = reopening.opened.join();
    reopening = null;
  }

  /** What could not be closed is of no use any more, and the failure before it is known. */
  private void closeQuietly(Sink useless) {
    try {
      useless.close();
    } catch (RuntimeException e) {
      say.accept(SinkErrors.detachedUncleanly(view.output().name(), e));
    }
  }

  @Override
  public void close() {
    if (reopening != null) {
      reopening.end();
    }
    if (sink != null) {
      sink.close();
    }
  }

  /** Opens the sink until it succeeds. */
  private final class Reopening {

    private final CompletableFuture<Sink> opened = new CompletableFuture<>();
    private final Thread thread = new Thread(this::open, "reopen sink of " + view.output().name());

    private void open() {
      Backoff backoff = new Backoff(ENDLESS);
      String problem = "";
      while (!opened.isDone()) {
        Sink next = opener.get();
        try {
          begin(next, 0);
          opened.complete(next);
        } catch (InterruptedException e) {
          closeQuietly(next);
          return;
        } catch (RuntimeException e) {
          closeQuietly(next);
          if (!problem.equals(e.getMessage())) {
            problem = String.valueOf(e.getMessage());
            say.accept(SinkErrors.stillDetached(view.output().name(), e));
          }
          try {
            backoff.mayTryAgain();
            backoff.pause();
          } catch (InterruptedException interrupted) {
            return;
          }
        }
      }
    }

    void end() {
      thread.interrupt();
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      if (opened.isDone()) {
        opened.join().close();
      }
    }
  }
}
