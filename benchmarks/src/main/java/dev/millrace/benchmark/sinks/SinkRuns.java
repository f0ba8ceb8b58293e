package dev.millrace.benchmark.sinks;

import dev.millrace.benchmark.contender.Contender.Run;
import dev.millrace.benchmark.contender.MillraceSinks;
import dev.millrace.benchmark.contender.SinkTask;
import dev.millrace.benchmark.contender.SparkSinks;
import dev.millrace.benchmark.contender.StreamedRun.Batches;
import dev.millrace.benchmark.measure.ContenderProcess;
import dev.millrace.benchmark.measure.JavaPrograms;
import dev.millrace.benchmark.sinks.SinkCase.Side;
import dev.millrace.benchmark.topic.LargeTableChanges;
import dev.millrace.benchmark.topic.RideMessages;
import dev.millrace.benchmark.topic.RideMessages.Message;
import dev.millrace.benchmark.topic.RideTable;
import dev.millrace.benchmark.topic.RideTopic;
import dev.millrace.benchmark.topic.RideTopics;
import dev.millrace.benchmark.topic.RideTopics.Deletes;
import dev.millrace.benchmark.topic.TableFigures;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Runs the contenders in turn, each alone with Kafka and Postgres: first to warm them up, then
 * round after round. Their processes live from the first run to the last and are idle while others
 * run.
 */
public final class SinkRuns implements AutoCloseable {

  /** About how many changes a micro-batch of the contenders on Spark has. */
  public static final int CHANGES_PER_BATCH = 100_000;

  private static final String LARGE_TOPIC = "rides-large";

  private final LocalStack stack;
  private final JavaPrograms programs;
  private final Path work;
  private final PrintWriter out;
  private final TargetDatabase database;
  private final RideTopics topics;
  private final int partitions;
  private final String compression;
  private final Map<Side, ContenderProcess> processes = new EnumMap<>(Side.class);
  private JdbcSinkWorker worker;
  private int folders;

  /**
   * @param stack Postgres and Kafka
   * @param work a folder of which an earlier content is deleted
   */
  public SinkRuns(
      LocalStack stack,
      JavaPrograms programs,
      Path work,
      int partitions,
      String compression,
      PrintWriter out)
      throws IOException {
    this.stack = stack;
    this.programs = programs;
    this.work = work;
    this.out = out;
    this.partitions = partitions;
    this.compression = compression;
    this.database = new TargetDatabase(stack);
    this.topics = new RideTopics(stack.bootstrapServers());
    delete(work);
    Files.createDirectories(work);
  }

  /** What one run took and left. */
  private record Outcome(Run run, long targetCpuNanoseconds, TableFigures table) {}

  /** From a filled topic to its end. */
  public List<SinkMeasured> throughput(List<SinkCase> cases, long messages, int warmUps, int rounds)
      throws IOException, SQLException, InterruptedException {
    SinkTopics filled = SinkTopics.fill(topics, messages, partitions, compression);
    Map<SinkCase, List<Outcome>> outcomes = new LinkedHashMap<>();
    cases.forEach(each -> outcomes.put(each, new ArrayList<>()));
    List<SinkCase> order = new ArrayList<>(cases);
    for (int round = -warmUps; round < rounds; round++) {
      for (SinkCase each : order) {
        Outcome outcome = run(each, filled);
        report(round < 0 ? "warm-up" : "run", each, outcome, filled);
        if (round >= 0) {
          outcomes.get(each).add(outcome);
        }
      }
      Collections.rotate(order, -1);
    }
    return outcomes.entrySet().stream()
        .map(entry -> measured(entry.getKey(), entry.getValue(), filled))
        .toList();
  }

  private Outcome run(SinkCase contender, SinkTopics filled)
      throws IOException, SQLException, InterruptedException {
    database.recreate();
    long cpu = database.cpuNanoseconds();
    if (contender.side() == Side.CONNECT) {
      Run run = worker().run(contender.kind(), filled, database);
      long targetCpu = database.cpuNanoseconds() - cpu;
      return new Outcome(run, targetCpu, database.figures(TableLayout.AS_SENT));
    }
    SinkTask task =
        new SinkTask(
            contender.kind(),
            filled.rides().name(),
            newFolder(),
            changesPerBatch(filled.rides().messages()));
    Run run = run(contender, task).run();
    long targetCpu = database.cpuNanoseconds() - cpu;
    TableFigures table =
        contender.layout().isPresent()
            ? database.figures(contender.layout().get())
            : icebergTable(contender, task);
    delete(task.folder());
    return new Outcome(run, targetCpu, table);
  }

  /**
   * The most changes of a micro-batch, so that the last one is not much smaller than the others.
   */
  private long changesPerBatch(long messages) {
    long batches = Math.max(1, Math.round((double) messages / CHANGES_PER_BATCH));
    // Spark rounds each partition's share down.
    return (messages + batches - 1) / batches + partitions;
  }

  private static TableFigures expected(SinkCase contender, SinkTopics filled) {
    return contender.storesChanges() ? filled.changes() : filled.rows();
  }

  private static SinkMeasured measured(
      SinkCase contender, List<Outcome> outcomes, SinkTopics filled) {
    TableFigures expected = expected(contender, filled);
    RideTopic topic = contender.side() == Side.CONNECT ? filled.tombstones() : filled.rides();
    return new SinkMeasured(
        contender,
        topic.bytesPerMessage(),
        outcomes.stream().map(Outcome::run).toList(),
        outcomes.stream().map(Outcome::targetCpuNanoseconds).toList(),
        outcomes.stream()
            .map(Outcome::table)
            .filter(table -> !table.equals(expected))
            .map(table -> difference(table, expected))
            .toList());
  }

  private static String difference(TableFigures table, TableFigures expected) {
    return table + " instead of " + expected;
  }

  private void report(String when, SinkCase contender, Outcome outcome, SinkTopics filled) {
    Run run = outcome.run();
    out.printf(
        "%-8s %-20s %,9.0f changes/s  %7.2f s  %4.2f cores  Postgres %5.1f µs a change%s%n",
        when,
        contender.id(),
        run.messages() * 1e9 / run.nanoseconds(),
        run.nanoseconds() / 1e9,
        (double) run.cpuNanoseconds() / run.nanoseconds(),
        outcome.targetCpuNanoseconds() / 1e3 / run.messages(),
        outcome.table().equals(expected(contender, filled))
            ? ""
            : "  WRONG: " + difference(outcome.table(), expected(contender, filled)));
    out.flush();
  }

  /**
   * Micro-batches of few changes into a large table.
   *
   * @param cases of Iceberg
   * @param rows of the table before
   */
  public List<SmallBatches> smallBatches(
      List<SinkCase> cases, long rows, int batches, int changesPerBatch) throws IOException {
    RideTable table = new RideTable();
    Iterator<Message> messages = large(rows, table);
    topics.create(LARGE_TOPIC, partitions);
    send(messages, rows);
    Map<SinkCase, Path> folders = new EnumMap<>(SinkCase.class);
    for (SinkCase each : cases) {
      Path folder = newFolder();
      folders.put(each, folder);
      Run run =
          run(each, new SinkTask(each.kind(), LARGE_TOPIC, folder, changesPerBatch(rows))).run();
      out.printf(
          "%-8s %-20s %,9.0f changes/s  %7.2f s%n",
          "table", each.id(), run.messages() * 1e9 / run.nanoseconds(), run.nanoseconds() / 1e9);
      out.flush();
    }
    send(messages, (long) batches * changesPerBatch);
    TableFigures expected = table.rows();
    List<SmallBatches> measured = new ArrayList<>();
    for (SinkCase each : cases) {
      SinkTask task = new SinkTask(each.kind(), LARGE_TOPIC, folders.get(each), changesPerBatch);
      Batches done = run(each, task);
      TableFigures found = icebergTable(each, task);
      SmallBatches result =
          new SmallBatches(
              each,
              // Spark rounds the share of a partition down, and reads the rest in one more.
              done.millis().subList(0, Math.min(batches, done.millis().size())),
              found.equals(expected) ? "" : difference(found, expected));
      measured.add(result);
      out.printf(
          "%-8s %-20s %,d batches  median %,d ms  %s%n",
          "batches", each.id(), result.millis().size(), result.percentile(50), result.difference());
      out.flush();
      delete(task.folder());
    }
    return measured;
  }

  private void send(Iterator<Message> messages, long count) {
    topics.send(LARGE_TOPIC, partitions, compression, Deletes.REWRITTEN, messages, count);
  }

  /** Messages that the table has taken when they are handed on. */
  private static Iterator<Message> large(long rows, RideTable table) {
    RideMessages messages = new RideMessages(1, new LargeTableChanges(rows, table));
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return messages.hasNext();
      }

      @Override
      public Message next() {
        Message message = messages.next();
        table.apply(message);
        return message;
      }
    };
  }

  private Batches run(SinkCase contender, SinkTask task) throws IOException {
    return Batches.parse(process(contender).ask(task.runOrder(), "done").substring(5));
  }

  private TableFigures icebergTable(SinkCase contender, SinkTask task) throws IOException {
    return TableFigures.parse(process(contender).ask(task.lookOrder(), "table").substring(6));
  }

  private ContenderProcess process(SinkCase contender) throws IOException {
    ContenderProcess process = processes.get(contender.side());
    if (process == null) {
      String program =
          contender.side() == Side.MILLRACE
              ? MillraceSinks.class.getName()
              : SparkSinks.class.getName();
      List<String> arguments =
          List.of(
              stack.bootstrapServers(),
              Integer.toString(partitions),
              database.url(),
              database.user(),
              database.password());
      process =
          ContenderProcess.start(
              programs.command(program, arguments),
              work.resolve(contender.side().name().toLowerCase(Locale.ROOT) + ".log"));
      processes.put(contender.side(), process);
    }
    return process;
  }

  private JdbcSinkWorker worker() throws IOException, InterruptedException {
    if (worker == null) {
      worker = JdbcSinkWorker.start(programs, stack.bootstrapServers(), work.resolve("connect"));
    }
    return worker;
  }

  private Path newFolder() throws IOException {
    return Files.createDirectories(work.resolve("run-" + folders++));
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** Ends the contenders' processes. */
  @Override
  public void close() throws IOException {
    for (ContenderProcess process : processes.values()) {
      process.close();
    }
    if (worker != null) {
      worker.close();
    }
  }
}
