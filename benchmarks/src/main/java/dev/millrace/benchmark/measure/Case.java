package dev.millrace.benchmark.measure;

import dev.millrace.benchmark.contender.Contender.Task;
import dev.millrace.benchmark.topic.RideTopic;

/**
 * One line of a result: a program, what it reads and where it puts it.
 *
 * @param process cases with the same name share a process
 * @param columns of the table that are taken out of each message; 0 where none is
 * @param sink {@code none}, {@code noop} or {@code parquet}
 */
public record Case(
    String name, Program program, String process, RideTopic topic, int columns, String sink) {

  /** What its process is told to do. */
  public Task task(String bootstrapServers) {
    return new Task(
        bootstrapServers,
        topic.name(),
        topic.messages(),
        topic.partitions(),
        topic.copies(),
        columns,
        sink);
  }
}
