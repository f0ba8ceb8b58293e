package dev.millrace.pipeline.checkpoint;

import dev.millrace.error.RunErrors;
import dev.millrace.error.StateErrors;
import dev.millrace.view.BatchLookups;
import dev.millrace.view.plan.LookupRows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * Which rows of lookups the views of each batch were made with: a file for each batch that found
 * other ones, named by its number and written before the batch runs; and a file for each version of
 * a lookup, named by it. So a batch that runs again has the rows that it had, even if the lookup
 * has changed since. Driver only.
 *
 * <pre>
 *   7                  rates  9f86d0…
 *   9f86d0….lookup     the rows
 * </pre>
 */
public final class LookupLog {

  private static final String SUFFIX = ".lookup";

  /** As many versions of the state can be read, so that a reader finds their lookups, too. */
  private static final int RETAINED_BATCHES = 100;

  private final FileContext files;
  private final Path folder;

  /** The lookups after the batch that was entered last, so that most batches read no file. */
  private Map<String, LookupRows> last = Map.of();

  private long lastBatch = Long.MIN_VALUE;

  LookupLog(FileContext files, Path folder) {
    this.files = files;
    this.folder = folder;
  }

  /**
   * The lookups of a batch, entered into the log.
   *
   * @param isReplay whether the batch was begun before
   * @param names of the lookups that the batch's views are joined with
   * @param known those of them that views of the state are joined with
   * @param current their rows as they are now
   * @throws dev.millrace.error.UserException where rows of an earlier batch are lost or damaged
   */
  public BatchLookups enter(
      long batchId,
      boolean isReplay,
      Set<String> names,
      Set<String> known,
      Function<String, LookupRows> current) {
    if (names.isEmpty()) {
      return BatchLookups.NONE;
    }
    try {
      if (lastBatch != batchId - 1) {
        files.mkdir(folder, null, true);
        last = rows(newestBefore(batchId));
      }
      Map<String, LookupRows> before = new TreeMap<>(last);
      before.keySet().retainAll(names);
      if (!before.keySet().containsAll(known)) {
        throw StateErrors.lookupLost(folder.toString(), new IOException("no batch has " + known));
      }
      Map<String, LookupRows> entered =
          isReplay && batches().contains(batchId) ? rows(read(batchId)) : Map.of();
      Map<String, LookupRows> now = new TreeMap<>();
      for (String name : names) {
        if (entered.containsKey(name)) {
          now.put(name, entered.get(name));
        } else if (isReplay && before.containsKey(name)) {
          // Other rows are entered before anything is made with them: there were none.
          now.put(name, before.get(name));
        } else {
          now.put(name, current.apply(name));
        }
      }
      if (!versions(now).equals(versions(entered.isEmpty() ? last : entered))) {
        write(batchId, now);
      }
      last = now;
      lastBatch = batchId;
      return new BatchLookups(before, now);
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", folder.toString(), e);
    }
  }

  /** The lookups that the state was made with once a batch is committed. */
  public Map<String, LookupRows> after(long batchId) {
    try {
      return files.util().exists(folder) ? rows(newestBefore(batchId + 1)) : Map.of();
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", folder.toString(), e);
    }
  }

  private static Map<String, String> versions(Map<String, LookupRows> lookups) {
    Map<String, String> versions = new TreeMap<>();
    lookups.forEach((name, rows) -> versions.put(name, rows.version()));
    return versions;
  }

  private void write(long batchId, Map<String, LookupRows> lookups) throws IOException {
    for (LookupRows rows : lookups.values()) {
      Path file = new Path(folder, rows.version() + SUFFIX);
      if (!files.util().exists(file)) {
        write(file, rows.write());
      }
    }
    StringBuilder text = new StringBuilder();
    versions(lookups)
        .forEach((name, version) -> text.append(name).append('\t').append(version).append('\n'));
    write(
        new Path(folder, Long.toString(batchId)), text.toString().getBytes(StandardCharsets.UTF_8));
    removeOlderThan(batchId - RETAINED_BATCHES);
  }

  /** Removes batches that nobody can read any more, and the versions that they alone have. */
  private void removeOlderThan(long batchId) throws IOException {
    List<Long> all = batches();
    OptionalLong first =
        all.stream().mapToLong(Long::longValue).filter(each -> each <= batchId).max();
    if (first.isEmpty()) {
      return;
    }
    Set<String> used = new HashSet<>();
    for (long each : all) {
      if (each < first.getAsLong()) {
        files.delete(new Path(folder, Long.toString(each)), false);
      } else {
        used.addAll(read(each).values());
      }
    }
    for (String name : names()) {
      if (name.endsWith(SUFFIX)
          && !used.contains(name.substring(0, name.length() - SUFFIX.length()))) {
        files.delete(new Path(folder, name), false);
      }
    }
  }

  private Map<String, LookupRows> rows(Map<String, String> versions) {
    Map<String, LookupRows> found = new TreeMap<>();
    versions.forEach((name, version) -> found.put(name, rows(version)));
    return found;
  }

  private LookupRows rows(String version) {
    Path file = new Path(folder, version + SUFFIX);
    try (var in = files.open(file)) {
      LookupRows rows = LookupRows.read(in.readAllBytes());
      if (!rows.version().equals(version)) {
        throw new IOException("it does not contain the rows that were written");
      }
      return rows;
    } catch (IOException | RuntimeException e) {
      throw StateErrors.lookupLost(file.toString(), e);
    }
  }

  private Map<String, String> newestBefore(long batchId) throws IOException {
    OptionalLong newest =
        batches().stream().mapToLong(Long::longValue).filter(batch -> batch < batchId).max();
    return newest.isPresent() ? read(newest.getAsLong()) : Map.of();
  }

  private Map<String, String> read(long batch) throws IOException {
    try (var in = files.open(new Path(folder, Long.toString(batch)))) {
      Map<String, String> versions = new TreeMap<>();
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split("\t", -1))
          .forEach(fields -> versions.put(fields[0], fields[1]));
      return versions;
    }
  }

  private List<Long> batches() throws IOException {
    return names().stream().filter(name -> name.matches("\\d+")).map(Long::valueOf).toList();
  }

  private List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    RemoteIterator<FileStatus> statuses = files.listStatus(folder);
    while (statuses.hasNext()) {
      names.add(statuses.next().getPath().getName());
    }
    return names;
  }

  private void write(Path file, byte[] contents) throws IOException {
    Path hidden = new Path(folder, "." + file.getName());
    try (var out = files.create(hidden, EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE))) {
      out.write(contents);
    }
    files.rename(hidden, file, Options.Rename.OVERWRITE);
  }
}
