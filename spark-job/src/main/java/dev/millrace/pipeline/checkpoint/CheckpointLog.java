package dev.millrace.pipeline.checkpoint;

import dev.millrace.error.PositionErrors;
import dev.millrace.error.RunErrors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.execution.streaming.OffsetSeqMetadata;
import org.apache.spark.sql.execution.streaming.StreamMetadata;
import scala.Option;

/**
 * What Spark keeps of one query: its identity, and the offsets of each batch. Driver only, while
 * the query is not running.
 *
 * <pre>
 *   metadata       {"id": "..."}
 *   offsets/7      v1, settings, and the end of batch 7; written before the batch
 *   commits/7      written after it
 *   sources/0/0    where batch 0 begins
 * </pre>
 */
public final class CheckpointLog {

  /** Lines before the offsets in a file of a batch, and in the one of the start. */
  private static final int BATCH_HEADER = 2;

  private static final int START_HEADER = 1;

  private final FileContext files;
  private final Configuration hadoop;
  private final Path folder;
  private final String output;

  CheckpointLog(FileContext files, Configuration hadoop, Path folder, String output) {
    this.files = files;
    this.hadoop = hadoop;
    this.folder = folder;
    this.output = output;
  }

  /**
   * A position that Spark keeps in a file.
   *
   * @param lines of the file, without what Spark writes before them
   * @param header how many lines come before the offsets
   */
  public record Stored(Path file, List<String> lines, int header) {

    /** The offsets of each source, in Spark's JSON. */
    public List<String> offsets() {
      return lines.subList(header, lines.size());
    }

    Stored with(List<String> offsets) {
      List<String> changed = new ArrayList<>(lines.subList(0, header));
      changed.addAll(offsets);
      return new Stored(file, changed, header);
    }
  }

  /** The name of the query's output. */
  String output() {
    return output;
  }

  String place() {
    return folder.toString();
  }

  Path file(String name) {
    return new Path(folder, name);
  }

  /** The batch that was committed last. */
  public OptionalLong committed() {
    return newest(new Path(folder, "commits"));
  }

  /** The batch that was begun and not committed. */
  public OptionalLong unfinished() {
    OptionalLong begun = newest(new Path(folder, "offsets"));
    return begun.isPresent() && begun.getAsLong() > committed().orElse(-1)
        ? begun
        : OptionalLong.empty();
  }

  /** The batch that comes next: the unfinished one, if there is one. */
  public long next() {
    return unfinished().orElse(committed().orElse(-1) + 1);
  }

  /** Where the batch that comes next begins; empty before the first start. */
  Optional<Stored> start() {
    OptionalLong committed = committed();
    if (committed.isPresent()) {
      return Optional.of(endOf(committed.getAsLong()));
    }
    return exists(new Path(folder, "sources/0/0")) ? Optional.of(first()) : Optional.empty();
  }

  /** Where batch 0 begins. */
  public Stored first() {
    return read(new Path(folder, "sources/0/0"), START_HEADER);
  }

  /** Takes a batch that was begun for done. */
  public void commit(long batch) {
    write("commits/" + batch, "v1\n{\"nextBatchWatermarkMs\":0}");
  }

  /** Where the unfinished batch ends. */
  Optional<Stored> end() {
    OptionalLong unfinished = unfinished();
    return unfinished.isPresent() ? Optional.of(endOf(unfinished.getAsLong())) : Optional.empty();
  }

  /** Where a batch ends that was begun; may be asked while the query runs. */
  public Stored endOf(long batch) {
    return read(new Path(folder, "offsets/" + batch), BATCH_HEADER);
  }

  /**
   * When a batch began, in milliseconds since 1970: Spark writes it before the batch, and a batch
   * that runs again began at the same time.
   */
  public long beganMillis(long batch) {
    Stored stored = endOf(batch);
    try {
      return OffsetSeqMetadata.apply(stored.lines().get(BATCH_HEADER - 1)).batchTimestampMs();
    } catch (RuntimeException e) {
      throw PositionErrors.damaged(
          output, place(), "the file " + name(stored.file()) + " has no time of the batch", e);
    }
  }

  /**
   * The identity of the query, which a new checkpoint is given here.
   *
   * @throws dev.millrace.error.UserException where batches are there and the identity is not
   */
  public String queryId() {
    Path metadata = new Path(folder, "metadata");
    try {
      Option<StreamMetadata> found = StreamMetadata.read(metadata, hadoop);
      if (found.isDefined()) {
        return found.get().id();
      }
    } catch (Exception e) {
      // Spark's method does not declare Jackson's exceptions, so Java can't catch them by name.
      throw PositionErrors.damaged(output, place(), "the file metadata can't be read", e);
    }
    if (next() > 0 || unfinished().isPresent()) {
      throw PositionErrors.damaged(
          output, place(), "the file metadata is missing, and there are batches", null);
    }
    StreamMetadata created = new StreamMetadata(UUID.randomUUID().toString());
    StreamMetadata.write(created, metadata, hadoop);
    return created.id();
  }

  /** The text of a file of the checkpoint; empty if there is none. */
  Optional<String> text(String name) {
    Path file = file(name);
    return exists(file) ? Optional.of(text(file)) : Optional.empty();
  }

  /** Writes a file of the checkpoint, whole or not at all. */
  void write(String name, String text) {
    write(file(name), text);
  }

  /** Writes a position back. */
  void write(Stored position) {
    String first = position.header() == START_HEADER ? "\0" : "";
    write(position.file(), first + String.join("\n", position.lines()));
  }

  private void write(Path file, String text) {
    Path unfinished = new Path(file.getParent(), ".unfinished-" + UUID.randomUUID());
    try {
      try (var out = files.create(unfinished, EnumSet.of(CreateFlag.CREATE))) {
        out.write(text.getBytes(StandardCharsets.UTF_8));
      }
      files.rename(unfinished, file, Rename.OVERWRITE);
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", file.getParent().toString(), e);
    }
  }

  private Stored read(Path file, int header) {
    if (!exists(file)) {
      throw PositionErrors.damaged(output, place(), "the file " + name(file) + " is missing", null);
    }
    String text = text(file);
    List<String> lines = text.replaceFirst("^\0", "").lines().toList();
    if (lines.size() <= header || !lines.get(0).equals("v1")) {
      throw PositionErrors.damaged(
          output,
          place(),
          text.isEmpty()
              ? "the file " + name(file) + " is empty"
              : "the file " + name(file) + " is cut off",
          null);
    }
    return new Stored(file, lines, header);
  }

  private String name(Path file) {
    return folder.toUri().relativize(file.toUri()).getPath().replaceFirst(".*/(?=[^/]+/)", "");
  }

  private String text(Path file) {
    try (InputStream in = files.open(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw PositionErrors.damaged(output, place(), "the file " + name(file) + " can't be read", e);
    }
  }

  private boolean exists(Path file) {
    try {
      return files.util().exists(file);
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", file.toString(), e);
    }
  }

  /** The highest number in a log of Spark's, whose files are named by batch. */
  private OptionalLong newest(Path log) {
    try {
      OptionalLong newest = OptionalLong.empty();
      if (files.util().exists(log)) {
        var statuses = files.listStatus(log);
        while (statuses.hasNext()) {
          String name = statuses.next().getPath().getName();
          if (name.matches("\\d+") && Long.parseLong(name) >= newest.orElse(0)) {
            newest = OptionalLong.of(Long.parseLong(name));
          }
        }
      }
      return newest;
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", log.toString(), e);
    }
  }
}
