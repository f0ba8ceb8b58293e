package dev.millrace.pipeline.checkpoint;

import dev.millrace.config.StateDefinition.Store;
import dev.millrace.config.Values;
import dev.millrace.error.RunErrors;
import dev.millrace.error.StateErrors;
import dev.millrace.view.table.TableLayout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * How a table's state is laid out, next to the state: the number of its partitions, its key, its
 * columns and the store that keeps it. Written before the first batch, and the same for the life of
 * the state. Driver only.
 */
public final class TableLayoutFile {

  private static final String FORMAT = "millrace table state 1";

  /** The last line of state in memory; an earlier version of Millrace does not know it. */
  private static final String IN_MEMORY = "store memory";

  private final FileContext files;
  private final Path file;
  private final Store wantedStore;

  /**
   * The file of a folder, which need not be there.
   *
   * @param wantedStore the one that the pipeline declares
   */
  TableLayoutFile(FileContext files, Path folder, Store wantedStore) {
    this.files = files;
    this.wantedStore = wantedStore;
    this.file = new Path(folder, "layout");
  }

  /**
   * The layout that the state has, which may have more columns than are wanted; the wanted one
   * where there is no state yet.
   *
   * @throws dev.millrace.error.UserException where the state can't serve what is wanted
   */
  public TableLayout agreed(TableLayout wanted) {
    Optional<TableLayout> kept = kept(wanted);
    if (kept.isEmpty()) {
      write(wanted, 0);
    }
    return kept.orElse(wanted);
  }

  /**
   * The layout that the state has; empty where there is no state yet.
   *
   * @throws dev.millrace.error.UserException where the state can't serve what is wanted
   */
  public Optional<TableLayout> kept(TableLayout wanted) {
    Optional<TableLayout> found = stored(wanted);
    if (store() != wantedStore) {
      throw StateErrors.otherStore(
          file.toString(), Values.spelling(store()), Values.spelling(wantedStore));
    }
    found.ifPresent(
        kept -> {
          if (!kept.key().equals(wanted.key()) || kept.partitions() != wanted.partitions()) {
            throw StateErrors.otherLayout(
                file.toString(), kept.key(), kept.partitions(), wanted.key(), wanted.partitions());
          }
          for (StructField field : wanted.columns().fields()) {
            boolean isKept =
                Arrays.stream(kept.columns().fields())
                    .anyMatch(
                        each ->
                            each.name().equals(field.name())
                                && each.dataType().equals(field.dataType()));
            if (!isKept) {
              throw StateErrors.columnNotKept(
                  file.toString(), field.name(), field.dataType().sql());
            }
          }
        });
    return found;
  }

  /** The layout that the state has, regardless of what is wanted of it. */
  public Optional<TableLayout> stored(TableLayout wanted) {
    List<String> lines = lines();
    return lines.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new TableLayout(
                wanted.name(),
                List.of(lines.get(2).split("\t")),
                (StructType) DataType.fromJson(lines.get(3)),
                Integer.parseInt(lines.get(1)),
                wanted.tombstoneRetention()));
  }

  /** What is to be added to a batch's number for its version: other than 0 once it was rebuilt. */
  long versionOffset() {
    List<String> lines = lines();
    return lines.size() > 4 ? Long.parseLong(lines.get(4)) : 0;
  }

  /** The store that the state is in; the wanted one before there is a state. */
  Store store() {
    List<String> lines = lines();
    if (lines.isEmpty()) {
      return wantedStore;
    }
    return lines.size() > 5 ? Store.MEMORY : Store.ROCKSDB;
  }

  /** The lines of the file; an empty list as long as there is no state. */
  private List<String> lines() {
    try {
      if (!files.util().exists(file)) {
        return List.of();
      }
      try (var in = files.open(file)) {
        List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        boolean isKnown =
            lines.size() == 6
                ? lines.get(5).equals(IN_MEMORY)
                : lines.size() == 4 || lines.size() == 5;
        if (!isKnown || !lines.get(0).equals(FORMAT)) {
          throw StateErrors.unknownFormat(file.toString(), FORMAT);
        }
        return lines;
      }
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", file.toString(), e);
    }
  }

  /** Writes the layout of state whose versions are those of batches plus an offset. */
  void write(TableLayout layout, long versionOffset) {
    Path hidden = new Path(file.getParent(), ".layout");
    List<String> lines =
        new ArrayList<>(
            List.of(
                FORMAT,
                Integer.toString(layout.partitions()),
                String.join("\t", layout.key()),
                layout.columns().json()));
    if (versionOffset != 0 || wantedStore == Store.MEMORY) {
      lines.add(Long.toString(versionOffset));
    }
    if (wantedStore == Store.MEMORY) {
      lines.add(IN_MEMORY);
    }
    try {
      files.mkdir(file.getParent(), null, true);
      try (var out = files.create(hidden, EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE))) {
        out.write(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
      }
      files.rename(hidden, file, Options.Rename.OVERWRITE);
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", file.toString(), e);
    }
  }
}
