package dev.millrace.benchmark.contender;

import java.io.IOException;
import java.nio.file.Path;

/** One way to read a topic from its first message to its last. Lives in a process of its own. */
public interface Contender extends AutoCloseable {

  /**
   * Reads the whole topic once, as nobody has read it yet, and keeps no position.
   *
   * @param folder empty, for the files that the run writes; deleted afterwards
   * @throws IllegalStateException where another number of messages was read than expected
   */
  Run run(Task task, Path folder) throws Exception;

  /** What can be opened once for all runs is closed here. */
  @Override
  default void close() throws IOException {}

  /**
   * What has to be done.
   *
   * @param messages how many the topic holds
   * @param copies how often each of the table's 24 columns is in a message
   * @param sink {@code noop} or {@code parquet}
   */
  record Task(
      String bootstrapServers,
      String topic,
      long messages,
      int partitions,
      int copies,
      int columns,
      String sink) {}

  /**
   * What it took.
   *
   * @param nanoseconds from the order to read to the end of the last message
   * @param cpuNanoseconds of all threads of the process in that time, compilers and garbage
   *     collection included
   */
  record Run(long messages, long nanoseconds, long cpuNanoseconds) {}
}
