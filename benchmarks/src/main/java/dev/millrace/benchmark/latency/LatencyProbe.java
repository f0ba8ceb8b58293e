package dev.millrace.benchmark.latency;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Inserts rows and measures when a reader of Debezium's topic, and one of the sink, sees each. One
 * process and one clock for both ends. On the job's class path.
 */
public final class LatencyProbe {

  /** The sinks that are asked for some rows, by key. */
  private static final Set<String> SAMPLED = Set.of("cassandra", "postgres");

  private static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final int WARM_UP_RATE = 1_000;
  private static final long PAUSE_MILLIS = 20;

  private final List<Observer> observers;
  private final InsertLoad load;
  private final int step;

  private LatencyProbe(Observer topic, Observer sink, InsertLoad load, int step) {
    this.observers = List.of(topic, sink);
    this.load = load;
    this.step = step;
  }

  /**
   * Measures one contender. Standard output gets a {@link LatencyResult} a line.
   *
   * @param arguments JDBC URL, user, password, bootstrap servers, Debezium's topic, sink,
   *     contender, where the sink is (topic, folder, contact point, JDBC URL or warehouse), first
   *     id, seconds to warm up, seconds a rate, rates
   */
  public static void main(String[] arguments) throws SQLException, InterruptedException {
    String sink = arguments[5];
    String contender = arguments[6];
    String bootstrapServers = arguments[3];
    String place = arguments[7];
    long firstId = Long.parseLong(arguments[8]);
    int warmUpSeconds = Integer.parseInt(arguments[9]);
    int seconds = Integer.parseInt(arguments[10]);
    try (InsertLoad load =
            new InsertLoad(DriverManager.getConnection(arguments[0], arguments[1], arguments[2]));
        Observer topic = new TopicObserver(bootstrapServers, arguments[4]);
        Observer end = observer(sink, contender, bootstrapServers, place, arguments)) {
      LatencyProbe probe =
          new LatencyProbe(topic, end, load, SAMPLED.contains(sink) ? UnseenRows.STEP : 1);
      topic.start();
      end.start();
      // The first waits for the contender to start.
      probe.measure(sink, contender, new Times(firstId, 1), 1);
      long id = firstId + UnseenRows.STEP;
      Times warmUp = new Times(id, WARM_UP_RATE * warmUpSeconds);
      probe.measure(sink, contender, warmUp, WARM_UP_RATE);
      id += warmUp.count();
      for (String rate : Arrays.asList(arguments).subList(11, arguments.length)) {
        Times committed = new Times(id, Integer.parseInt(rate) * seconds);
        System.out.println(
            probe.measure(sink, contender, committed, Integer.parseInt(rate)).toLine());
        id += committed.count();
      }
    }
  }

  private static Observer observer(
      String sink, String contender, String bootstrapServers, String place, String... arguments)
      throws SQLException {
    return switch (sink) {
      case "kafka" -> new TopicObserver(bootstrapServers, place);
      case "parquet" -> new ParquetObserver(Path.of(place), contender.equals("spark"));
      case "cassandra" -> new CassandraObserver(place, "ride_bookings", "bookings");
      case "postgres" ->
          new PostgresObserver(
              place,
              arguments[1],
              arguments[2],
              isView(contender) ? "public.mirror" : "public.bookings",
              !isView(contender));
      case "iceberg" ->
          new IcebergObserver(
              place + (isView(contender) ? "/ride_views/mirror" : "/ride_bookings/bookings"));
      default -> throw new IllegalArgumentException(sink);
    };
  }

  /** Whether the contender stores the rows of the table, by key. */
  private static boolean isView(String contender) {
    return contender.endsWith("-view");
  }

  private LatencyResult measure(String sink, String contender, Times committed, int rate)
      throws SQLException, InterruptedException {
    Times inTopic = new Times(committed.firstId(), committed.count());
    Times inSink = new Times(committed.firstId(), committed.count());
    observers.get(0).noteIn(inTopic);
    observers.get(1).noteIn(inSink);
    load.run(committed, rate);
    awaitAll(inTopic, 1);
    awaitAll(inSink, step);
    return new LatencyResult(
        sink,
        contender,
        rate,
        inTopic.since(committed, step),
        inSink.since(inTopic, step),
        inSink.since(committed, step));
  }

  private void awaitAll(Times times, int everyNth) throws InterruptedException {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (times.missing(everyNth) > 0) {
      observers.forEach(Observer::check);
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "%d rows have not arrived after %d s"
                .formatted(times.missing(everyNth), TIMEOUT.toSeconds()));
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
  }
}
