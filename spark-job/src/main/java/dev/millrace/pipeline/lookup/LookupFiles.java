package dev.millrace.pipeline.lookup;

import dev.millrace.config.LookupDefinition.FileLookup;
import dev.millrace.config.LookupDefinition.Reload;
import dev.millrace.console.Console;
import dev.millrace.error.FileErrors;
import dev.millrace.error.UserException;
import dev.millrace.event.FileColumns;
import dev.millrace.event.Relation;
import dev.millrace.pipeline.batch.FileBatch;
import dev.millrace.pipeline.batch.FileOutcome;
import dev.millrace.source.file.FileFolder;
import dev.millrace.source.file.SourceFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A lookup in files, kept in the driver's memory until they change: another time of modification or
 * another size, a file more or less. If a changed file can't be read, a warning is printed, and the
 * previous rows stay in use.
 */
public final class LookupFiles implements Lookup {

  private final FileLookup definition;
  private final FileFolder folder;
  private final Console console;
  private final Relation relation;
  private List<SourceFile> seen = List.of();
  private List<Row> rows;

  LookupFiles(FileLookup definition, Configuration hadoop, PrintWriter out) {
    this.definition = definition;
    this.console = new Console(out);
    try {
      this.folder = FileFolder.of(definition.path(), hadoop);
    } catch (IOException e) {
      throw FileErrors.unusableLookup(
          definition.name(), definition.place(), FileErrors.unreadable("a file", e));
    }
    List<StructField> columns = new ArrayList<>();
    definition
        .table()
        .columns()
        .forEach(
            column ->
                columns.add(DataTypes.createStructField(column.name(), column.sqlType(), true)));
    this.relation =
        new Relation(definition.name(), new StructType(columns.toArray(StructField[]::new)));
  }

  @Override
  public Relation relation() {
    return relation;
  }

  @Override
  public synchronized List<Row> current(SparkSession session) {
    if (rows == null) {
      List<SourceFile> found = found();
      rows = read(session, found);
      seen = found;
    } else if (definition.reload() == Reload.WHEN_CHANGED) {
      reload(session);
    }
    return rows;
  }

  private void reload(SparkSession session) {
    List<SourceFile> found = List.of();
    try {
      found = found();
      if (!found.equals(seen)) {
        rows = read(session, found);
      }
    } catch (UserException e) {
      if (!found.equals(seen)) {
        console.say(e.getMessage() + " The previous rows stay in use.");
      }
    }
    seen = found;
  }

  private List<Row> read(SparkSession session, List<SourceFile> found) {
    FileBatch.Contents contents =
        new FileBatch.Contents(
            definition.format(),
            definition.options(),
            definition.table(),
            Set.of(relation.columns().fieldNames()));
    try (FileBatch batch = new FileBatch(session, found, contents, Optional.empty(), true)) {
      List<Row> read = batch.rows().drop(FileColumns.FILE).collectAsList();
      batch.outcomes().stream()
          .filter(FileOutcome::isRejected)
          .findFirst()
          .ifPresent(
              rejected -> {
                throw unusable(rejected.error().message());
              });
      console.say(
          "lookup %s: %,d rows from %s"
              .formatted(definition.name(), read.size(), definition.place()));
      return read;
    }
  }

  private List<SourceFile> found() {
    try {
      List<SourceFile> found = folder.isFile() ? folder.file() : folder.list();
      if (found.isEmpty()) {
        throw unusable(FileErrors.noFile());
      }
      return found;
    } catch (FileNotFoundException e) {
      throw unusable(FileErrors.noFile());
    } catch (IOException e) {
      throw unusable(FileErrors.unreadable("a file", e));
    }
  }

  private UserException unusable(String reason) {
    return FileErrors.unusableLookup(definition.name(), definition.place(), reason);
  }
}
