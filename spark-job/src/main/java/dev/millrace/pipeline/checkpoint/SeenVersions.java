package dev.millrace.pipeline.checkpoint;

import dev.millrace.error.RunErrors;
import dev.millrace.error.StateErrors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.kafka.common.TopicPartition;

/**
 * Which version of the changes that were seen each partition of the topic has: a version for each
 * batch that had messages of it. Written before the batch runs, so that a batch that runs again
 * reads the versions that it read. Driver only.
 *
 * <pre>
 *   millrace seen changes 1
 *   12                      the batch
 *   rides  0  7  true       it reads version 7 of partition 0 and commits version 8
 *   rides  1  9  false      it has no messages of partition 1, which stays at version 9
 * </pre>
 */
public final class SeenVersions {

  private static final String FORMAT = "millrace seen changes 1";

  private final FileContext files;
  private final Path folder;
  private final Path file;

  SeenVersions(FileContext files, Path folder) {
    this.files = files;
    this.folder = folder;
    this.file = new Path(folder, "versions");
  }

  /**
   * @param version that the batch reads
   * @param isInBatch whether the batch commits the next one
   */
  private record Entry(long version, boolean isInBatch) {}

  /** The state of all partitions in the newest batch; before the first one there are none. */
  private record Entered(long batch, Map<TopicPartition, Entry> partitions) {}

  /**
   * The versions that a batch reads.
   *
   * @param partitions those that the batch has messages of
   * @throws dev.millrace.error.UserException where the file is damaged or of a later batch
   */
  public Map<TopicPartition, Long> enter(long batchId, Set<TopicPartition> partitions) {
    Entered before = entered();
    if (before.batch() > batchId) {
      throw StateErrors.seenUnreadable(
          folder.toString(),
          "they are those of batch %d, and the next one is %d".formatted(before.batch(), batchId),
          null);
    }
    boolean isReplay = before.batch() == batchId;
    Map<TopicPartition, Entry> now =
        new TreeMap<>(
            Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition));
    before
        .partitions()
        .forEach(
            (partition, entry) ->
                now.put(
                    partition,
                    new Entry(
                        isReplay || !entry.isInBatch() ? entry.version() : entry.version() + 1,
                        partitions.contains(partition))));
    partitions.forEach(partition -> now.putIfAbsent(partition, new Entry(0, true)));
    write(batchId, now);
    Map<TopicPartition, Long> versions = new HashMap<>();
    partitions.forEach(partition -> versions.put(partition, now.get(partition).version()));
    return versions;
  }

  private Entered entered() {
    List<String> lines;
    try {
      if (!files.util().exists(file)) {
        return new Entered(-1, Map.of());
      }
      try (var in = files.open(file)) {
        lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      }
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", folder.toString(), e);
    }
    try {
      if (!lines.get(0).equals(FORMAT)) {
        throw new IllegalArgumentException("expected '" + FORMAT + "'");
      }
      Map<TopicPartition, Entry> partitions = new HashMap<>();
      for (String line : lines.subList(2, lines.size())) {
        String[] fields = line.split("\t", -1);
        partitions.put(
            new TopicPartition(fields[0], Integer.parseInt(fields[1])),
            new Entry(Long.parseLong(fields[2]), Boolean.parseBoolean(fields[3])));
      }
      return new Entered(Long.parseLong(lines.get(1)), partitions);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw StateErrors.seenUnreadable(
          folder.toString(), "the file versions can't be read (" + e.getMessage() + ")", e);
    }
  }

  private void write(long batchId, Map<TopicPartition, Entry> partitions) {
    StringBuilder text = new StringBuilder(FORMAT).append('\n').append(batchId).append('\n');
    partitions.forEach(
        (partition, entry) ->
            text.append(partition.topic())
                .append('\t')
                .append(partition.partition())
                .append('\t')
                .append(entry.version())
                .append('\t')
                .append(entry.isInBatch())
                .append('\n'));
    Path hidden = new Path(folder, ".versions");
    try {
      files.mkdir(folder, null, true);
      try (var out = files.create(hidden, EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE))) {
        out.write(text.toString().getBytes(StandardCharsets.UTF_8));
      }
      files.rename(hidden, file, Options.Rename.OVERWRITE);
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", folder.toString(), e);
    }
  }
}
