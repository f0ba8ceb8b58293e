package dev.millrace.pipeline;

import dev.millrace.error.RunErrors;
import dev.millrace.error.StateErrors;
import dev.millrace.view.TableLayout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
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
 * How a table's state is laid out, next to the state: the number of its partitions, its key and its
 * columns. Written before the first batch, and the same for the life of the state. Driver only.
 */
final class TableLayoutFile {

  private static final String FORMAT = "millrace table state 1";

  private final FileContext files;
  private final Path file;

  TableLayoutFile(FileContext files, Path folder) {
    this.files = files;
    this.file = new Path(folder, "layout");
  }

  /**
   * The layout that the state has, which may have more columns than are wanted; the wanted one
   * where there is no state yet.
   *
   * @throws dev.millrace.error.UserException where the state can't serve what is wanted
   */
  TableLayout agreed(TableLayout wanted) {
    try {
      Optional<TableLayout> kept = kept(wanted);
      if (kept.isEmpty()) {
        write(wanted);
      }
      return kept.orElse(wanted);
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", file.toString(), e);
    }
  }

  /**
   * The layout that the state has; empty where there is no state yet.
   *
   * @throws dev.millrace.error.UserException where the state can't serve what is wanted
   */
  Optional<TableLayout> kept(TableLayout wanted) {
    try {
      if (!files.util().exists(file)) {
        return Optional.empty();
      }
      TableLayout kept = read(wanted.name(), wanted.tombstoneRetention());
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
          throw StateErrors.columnNotKept(file.toString(), field.name(), field.dataType().sql());
        }
      }
      return Optional.of(kept);
    } catch (IOException e) {
      throw RunErrors.unwritableFolder("checkpoint folder", file.toString(), e);
    }
  }

  private TableLayout read(String name, Duration retention) throws IOException {
    try (var in = files.open(file)) {
      List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      if (lines.size() != 4 || !lines.get(0).equals(FORMAT)) {
        throw StateErrors.unknownFormat(file.toString(), FORMAT);
      }
      return new TableLayout(
          name,
          List.of(lines.get(2).split("\t")),
          (StructType) DataType.fromJson(lines.get(3)),
          Integer.parseInt(lines.get(1)),
          retention);
    }
  }

  private void write(TableLayout layout) throws IOException {
    Path hidden = new Path(file.getParent(), ".layout");
    files.mkdir(file.getParent(), null, true);
    String text =
        String.join(
            "\n",
            FORMAT,
            Integer.toString(layout.partitions()),
            String.join("\t", layout.key()),
            layout.columns().json());
    try (var out = files.create(hidden, EnumSet.of(CreateFlag.CREATE, CreateFlag.OVERWRITE))) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    files.rename(hidden, file, Options.Rename.OVERWRITE);
  }
}
