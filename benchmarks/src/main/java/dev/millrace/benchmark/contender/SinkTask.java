package dev.millrace.benchmark.contender;

import java.nio.file.Path;

/**
 * What a {@link SinkContender} has to do.
 *
 * @param kind names sink and way: {@code postgres-mirror}, {@code iceberg-merge}, ...
 * @param folder of checkpoint and files; a task with the same one continues where the last ended
 * @param changesPerBatch the most messages of a micro-batch
 */
public record SinkTask(String kind, String topic, Path folder, long changesPerBatch) {

  static final String RUN = "run";
  static final String LOOK = "look";

  private static final String SEPARATOR = "\t";

  /** The order to bring what the topic holds into the table. */
  public String runOrder() {
    return RUN + " " + toLine();
  }

  /** The order to tell what the task's table of Iceberg holds. */
  public String lookOrder() {
    return LOOK + " " + toLine();
  }

  private String toLine() {
    return String.join(SEPARATOR, kind, topic, folder.toString(), Long.toString(changesPerBatch));
  }

  static SinkTask parse(String line) {
    String[] words = line.split(SEPARATOR, -1);
    return new SinkTask(words[0], words[1], Path.of(words[2]), Long.parseLong(words[3]));
  }
}
