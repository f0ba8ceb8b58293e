package dev.millrace.pipeline.checkpoint;

import dev.millrace.error.RunErrors;
import dev.millrace.error.StateErrors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/**
 * Which views there are from which batch on, and which sink each of them feeds: a file for each
 * batch at which that changed, named by its number and written before the batch runs. So a batch
 * that runs again knows which views were new to the state, and which to their sink. Driver only.
 */
public final class ViewLog {

  /**
   * A view that feeds a sink.
   *
   * @param id its number in the state
   * @param name of its output
   * @param sql without line breaks
   * @param sink where its rows go; empty where it is detached
   */
  public record Entry(int id, String name, String sql, String sink) {

    /** The same view while its sink is away. */
    public Entry detached() {
      return new Entry(id, name, sql, "");
    }

    boolean isDetached() {
      return sink.isEmpty();
    }

    static Entry of(String line) {
      String[] fields = line.split("\t", -1);
      return new Entry(Integer.parseInt(fields[0]), fields[1], fields[2], fields[3]);
    }

    String line() {
      return id + "\t" + name + "\t" + sql + "\t" + sink;
    }
  }

  /**
   * The views of a batch.
   *
   * @param added the names of those that the state does not have
   * @param whole the names of those that their sink does not have
   * @param resumed the names of those in {@code added} and {@code whole} whose sink may have rows
   *     of an earlier result
   * @param removed the ids of those that there are no more
   * @param detached the names of those whose sink does not get the batch
   */
  public record Views(
      List<Entry> entries,
      Set<String> added,
      Set<String> whole,
      Set<String> resumed,
      Set<Integer> removed,
      Set<String> detached) {

    /** The views of a batch that follows, at which nothing changes. */
    public Views unchanged() {
      return new Views(entries, Set.of(), Set.of(), Set.of(), Set.of(), detached);
    }

    /** The same, one more sink being detached. */
    public Views without(String name) {
      Set<String> more = new HashSet<>(detached);
      more.add(name);
      return new Views(entries, added, whole, resumed, removed, Set.copyOf(more));
    }
  }

  private final FileContext files;
  private final Path folder;

  ViewLog(FileContext files, Path folder) {
    this.files = files;
    this.folder = folder;
  }

  /**
   * The views of a run's first batch, or of one at which a sink is back, entered into the log. A
   * sink that was detached in an earlier attempt of the batch is so again.
   *
   * @param pipelines the pipeline's views, their ids to be set
   */
  public Views enter(long batchId, List<Entry> pipelines) {
    try {
      files.mkdir(folder, null, true);
      List<Entry> before = newestBefore(batchId);
      List<Entry> wanted = withDetached(batchId, pipelines);
      int nextId = highestIdBefore(batchId) + 1;
      List<Entry> entries = new ArrayList<>();
      Set<String> added = new HashSet<>();
      Set<String> whole = new HashSet<>();
      Set<String> resumed = new HashSet<>();
      for (Entry each : wanted) {
        String sql = oneLine(each.sql());
        Entry known =
            before.stream()
                .filter(entry -> entry.name().equals(each.name()) && entry.sql().equals(sql))
                .findFirst()
                .orElse(null);
        if (known == null) {
          added.add(each.name());
        } else if (!known.sink().equals(each.sink()) && !each.isDetached()) {
          whole.add(each.name());
        }
        boolean isDelivered = known != null && known.sink().equals(each.sink());
        if (!isDelivered && !each.isDetached() && hasFed(each, batchId)) {
          resumed.add(each.name());
        }
        entries.add(
            new Entry(known == null ? nextId++ : known.id(), each.name(), sql, each.sink()));
      }
      if (batches().contains(batchId) && !read(batchId).equals(entries)) {
        throw StateErrors.viewsChanged(folder.toString(), batchId);
      }
      if (!entries.equals(before)) {
        write(batchId, entries);
      }
      Set<Integer> kept = entries.stream().map(Entry::id).collect(Collectors.toSet());
      Set<Integer> removed =
          before.stream()
              .map(Entry::id)
              .filter(id -> !kept.contains(id))
              .collect(Collectors.toSet());
      return new Views(
          List.copyOf(entries),
          Set.copyOf(added),
          Set.copyOf(whole),
          Set.copyOf(resumed),
          Set.copyOf(removed),
          wanted.stream()
              .filter(Entry::isDetached)
              .map(Entry::name)
              .collect(Collectors.toUnmodifiableSet()));
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", folder.toString(), e);
    }
  }

  private List<Entry> withDetached(long batchId, List<Entry> wanted) throws IOException {
    if (!batches().contains(batchId)) {
      return wanted;
    }
    Set<String> detached =
        read(batchId).stream()
            .filter(Entry::isDetached)
            .map(Entry::name)
            .collect(Collectors.toSet());
    return wanted.stream()
        .map(entry -> detached.contains(entry.name()) ? entry.detached() : entry)
        .toList();
  }

  /** Notes that a view's sink does not get a batch, which is under way, nor those that follow. */
  public void detach(long batchId, String name) {
    try {
      write(
          batchId,
          newestBefore(batchId + 1).stream()
              .map(entry -> entry.name().equals(name) ? entry.detached() : entry)
              .toList());
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", folder.toString(), e);
    }
  }

  /** The views that the state has once a batch is committed. */
  public List<Entry> after(long batchId) {
    try {
      return files.util().exists(folder) ? newestBefore(batchId + 1) : List.of();
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", folder.toString(), e);
    }
  }

  /**
   * Makes the views of the batches that follow new to the state. Which sinks they have fed stays
   * known.
   *
   * @param batchId the last batch that was begun
   */
  public void forget(long batchId) {
    try {
      List<Entry> entries =
          newestBefore(batchId + 1).stream()
              .map(entry -> new Entry(entry.id(), entry.name(), "", entry.sink()))
              .toList();
      write(batchId, entries);
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", folder.toString(), e);
    }
  }

  /** Whether one of these outputs has been a view of the state. */
  public boolean hasAny(Set<String> names) {
    try {
      if (!files.util().exists(folder)) {
        return false;
      }
      for (long batch : batches()) {
        if (read(batch).stream().map(Entry::name).anyMatch(names::contains)) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", folder.toString(), e);
    }
  }

  /** Whether some view of that name fed the sink in an earlier batch. */
  private boolean hasFed(Entry view, long batchId) throws IOException {
    for (long batch : batches()) {
      if (batch < batchId
          && read(batch).stream()
              .anyMatch(
                  entry -> entry.name().equals(view.name()) && entry.sink().equals(view.sink()))) {
        return true;
      }
    }
    return false;
  }

  /** SQL as an entry has it. */
  public static String oneLine(String sql) {
    return sql.replaceAll("\\s+", " ").strip();
  }

  private List<Entry> newestBefore(long batchId) throws IOException {
    OptionalLong newest =
        batches().stream().mapToLong(Long::longValue).filter(batch -> batch < batchId).max();
    return newest.isPresent() ? read(newest.getAsLong()) : List.of();
  }

  /** A batch that runs again gives its views the numbers that they were given before. */
  private int highestIdBefore(long batchId) throws IOException {
    int highest = 0;
    for (long batch : batches()) {
      if (batch < batchId) {
        for (Entry entry : read(batch)) {
          highest = Math.max(highest, entry.id());
        }
      }
    }
    return highest;
  }

  private List<Long> batches() throws IOException {
    List<Long> batches = new ArrayList<>();
    var statuses = files.listStatus(folder);
    while (statuses.hasNext()) {
      String name = statuses.next().getPath().getName();
      if (name.matches("\\d+")) {
        batches.add(Long.parseLong(name));
      }
    }
    return batches;
  }

  private List<Entry> read(long batch) throws IOException {
    try (var in = files.open(new Path(folder, Long.toString(batch)))) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().filter(line -> !line.isEmpty()).map(Entry::of).toList();
    }
  }

  private void write(long batch, List<Entry> entries) throws IOException {
    Path hidden = new Path(folder, "." + batch);
    try (var out = files.create(hidden, EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE))) {
      for (Entry entry : entries) {
        out.write((entry.line() + "\n").getBytes(StandardCharsets.UTF_8));
      }
    }
    files.rename(hidden, new Path(folder, Long.toString(batch)), Options.Rename.OVERWRITE);
  }
}
