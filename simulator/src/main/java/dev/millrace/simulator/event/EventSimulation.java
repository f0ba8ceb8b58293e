package dev.millrace.simulator.event;

import dev.millrace.simulator.Pace;
import dev.millrace.simulator.PacedLoop;
import dev.millrace.simulator.error.SimulatorException;
import java.time.Duration;
import java.util.Iterator;

/** Sends the events of an iterator at a pace; at an unlimited one in batches of 500. */
public final class EventSimulation {

  private static final int LARGEST_BATCH = 500;

  private final Iterator<Event> events;
  private final EventSink sink;
  private final PacedLoop loop;
  private final EventListener listener;
  private EventProgress progress = EventProgress.NONE;

  /**
   * @param sink used by {@link #run()} alone, which leaves it open
   */
  public EventSimulation(
      Iterator<Event> events, EventSink sink, Pace pace, EventListener listener) {
    this.events = events;
    this.sink = sink;
    this.loop = new PacedLoop(pace, LARGEST_BATCH);
    this.listener = listener;
  }

  /**
   * Returns after the last event or, after {@link #stop()} or an interrupt of this thread, when the
   * batch in flight is sent. Can be called once.
   *
   * @return what was sent
   * @throws SimulatorException of the batch that failed
   */
  public EventProgress run() {
    long startNanos = System.nanoTime();
    loop.<Event, RuntimeException>run(
        events,
        batch -> {
          sink.send(batch);
          progress =
              new EventProgress(
                  progress.sent() + batch.size(), Duration.ofNanos(System.nanoTime() - startNanos));
          listener.sent(progress);
        });
    return progress;
  }

  /** Ends the run after the batch in flight. Any thread may call it, at any time. */
  public void stop() {
    loop.stop();
  }
}
