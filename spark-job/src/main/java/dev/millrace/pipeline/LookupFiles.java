package dev.millrace.pipeline;

import dev.millrace.config.LookupDefinition.FileLookup;
import dev.millrace.config.LookupDefinition.Reload;
import dev.millrace.error.DataError;
import dev.millrace.error.FileErrors;
import dev.millrace.error.UserException;
import dev.millrace.event.FileColumns;
import dev.millrace.event.Relation;
import dev.millrace.source.FileReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A lookup in files, kept in the driver's memory until they change: another time of modification or
 * another size, a file more or less. What has changed and can't be read is said and has no effect:
 * the rows of before go on to count.
 */
final class LookupFiles implements Lookup {

  private final FileLookup definition;
  private final FileContext files;
  private final PrintWriter out;
  private final Relation relation;
  private List<Version> seen = List.of();
  private List<Row> rows;

  /** A file at one time. */
  private record Version(String path, long modified, long length) {}

  LookupFiles(FileLookup definition, Configuration hadoop, PrintWriter out) {
    this.definition = definition;
    this.out = out;
    try {
      this.files = FileContext.getFileContext(new Path(definition.path()).toUri(), hadoop);
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
  public synchronized Dataset<Row> rows(SparkSession session) {
    if (rows == null) {
      List<Version> found = versions();
      rows = read(session, found);
      seen = found;
    } else if (definition.reload() == Reload.WHEN_CHANGED) {
      reload(session);
    }
    return functions.broadcast(session.createDataFrame(rows, relation.columns()));
  }

  private void reload(SparkSession session) {
    List<Version> found = List.of();
    try {
      found = versions();
      if (!found.equals(seen)) {
        rows = read(session, found);
      }
    } catch (UserException e) {
      if (!found.equals(seen)) {
        say(e.getMessage() + " The rows of before go on to count.");
      }
    }
    seen = found;
  }

  private List<Row> read(SparkSession session, List<Version> versions) {
    List<String> paths = versions.stream().map(Version::path).toList();
    FileIntake intake =
        new FileIntake(
            new FileReader(definition.format(), definition.options(), definition.table()),
            new Relation(definition.name(), relation.columns().add(FileColumns.POSITION.get(0))),
            Optional.empty());
    Optional<DataError> odd = intake.check(session, paths).odd().values().stream().findFirst();
    if (odd.isPresent()) {
      throw unusable(odd.get().message());
    }
    List<Row> read = intake.rows(session, paths).drop(FileColumns.FILE).collectAsList();
    say(
        "lookup %s: %,d rows from %s"
            .formatted(definition.name(), read.size(), definition.place()));
    return read;
  }

  private List<Version> versions() {
    Path path = new Path(definition.path());
    try {
      List<Version> versions = new ArrayList<>();
      if (files.getFileStatus(path).isFile()) {
        versions.add(version(files.getFileStatus(path)));
        return versions;
      }
      RemoteIterator<FileStatus> statuses = files.listStatus(path);
      while (statuses.hasNext()) {
        FileStatus status = statuses.next();
        if (status.isFile() && !status.getPath().getName().matches("[._].*")) {
          versions.add(version(status));
        }
      }
      if (versions.isEmpty()) {
        throw unusable(FileErrors.noFile());
      }
      versions.sort(java.util.Comparator.comparing(Version::path));
      return versions;
    } catch (FileNotFoundException e) {
      throw unusable(FileErrors.noFile());
    } catch (IOException e) {
      throw unusable(FileErrors.unreadable("a file", e));
    }
  }

  private static Version version(FileStatus status) {
    return new Version(status.getPath().toString(), status.getModificationTime(), status.getLen());
  }

  private UserException unusable(String reason) {
    return FileErrors.unusableLookup(definition.name(), definition.place(), reason);
  }

  private void say(String line) {
    synchronized (out) {
      out.println(line);
      out.flush();
    }
  }
}
