package dev.millrace.source;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.trim;
import static org.apache.spark.sql.functions.when;

import dev.millrace.config.ColumnDefinition;
import dev.millrace.config.CsvDialect;
import dev.millrace.config.FileFormat;
import dev.millrace.config.TableDefinition;
import dev.millrace.error.FileErrors;
import dev.millrace.event.FileColumns;
import dev.millrace.event.RawColumns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.util.package$;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Reads files of one format and one schema. Driver only; the datasets are evaluated by executors.
 *
 * @param options of CSV those of {@link CsvDialect}, of other formats those of Spark's reader
 * @param table the columns that each file has; of no account for text
 */
public record FileReader(FileFormat format, Map<String, String> options, TableDefinition table) {

  /** Small files differ in size: more tasks than cores spread them more evenly. */
  private static final int TASKS_PER_CORE = 4;

  private static final String FILE_NAME = "_metadata.file_name";

  /** No file's name is a pattern. */
  private static final String GLOB_PATHS = "__globPaths__";

  /**
   * What is wrong with a file before its rows are looked at: its columns are not those of the
   * table. Opens the file, and fails as Spark does where it can't be read. Of CSV, {@link #lines}
   * finds that out.
   */
  public Optional<String> fault(SparkSession session, String path) {
    return switch (format) {
      case PARQUET, ORC -> schemaFault(schema(session, path));
      case CSV, JSON, TEXT -> Optional.empty();
    };
  }

  /** The columns that a file itself says; of CSV texts by its header, of JSON and text none. */
  StructType schema(SparkSession session, String path) {
    return switch (format) {
      case CSV -> header(session, path);
      case PARQUET, ORC -> reader(session).load(path).schema();
      case JSON, TEXT -> new StructType();
    };
  }

  /**
   * The lines of files of a format that is decoded, those that are blank left out: {@link
   * RawColumns#KEY} (null), {@link RawColumns#VALUE}, the JSON of a row, {@link FileColumns#FILE},
   * {@link FileColumns#LINE} and {@link FileColumns#FAULT}.
   */
  public Dataset<Row> lines(SparkSession session, List<String> paths) {
    return format == FileFormat.CSV ? csv(session, paths) : json(session, paths);
  }

  /** The rows of files of any other format: the table's columns and {@link FileColumns#FILE}. */
  public Dataset<Row> rows(SparkSession session, List<String> paths) {
    String[] files = paths.toArray(String[]::new);
    if (format == FileFormat.TEXT) {
      return reader(session).load(files).select(col("value"), col(FILE_NAME).as(FileColumns.FILE));
    }
    List<StructField> fields = new ArrayList<>();
    List<Column> columns = new ArrayList<>();
    for (ColumnDefinition column : table.columns()) {
      fields.add(DataTypes.createStructField(column.from(), column.sqlType(), true));
      columns.add(quoted(column.from()).as(column.name()));
    }
    columns.add(col(FILE_NAME).as(FileColumns.FILE));
    return reader(session)
        .schema(DataTypes.createStructType(fields))
        .load(files)
        .select(columns.toArray(Column[]::new));
  }

  /**
   * Each file is read by one task from its first record to its last: where quotes may enclose line
   * breaks, nothing tells from the middle of a file whether a line begins a record.
   */
  private Dataset<Row> csv(SparkSession session, List<String> paths) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    Broadcast<SerializableConfiguration> hadoop =
        spark.broadcast(new SerializableConfiguration(session.sessionState().newHadoopConf()));
    int tasks = Math.min(paths.size(), TASKS_PER_CORE * spark.defaultParallelism());
    Map<String, String> dialect = options;
    List<String> expected = new ArrayList<>(declared());
    return session.createDataFrame(
        spark
            .parallelize(paths, tasks)
            .flatMap(
                path -> {
                  CsvFile file =
                      new CsvFile(path, CsvDialect.of(dialect), expected, hadoop.value().value());
                  TaskCompletionListener closing = task -> file.close();
                  TaskContext.get().addTaskCompletionListener(closing);
                  return file;
                }),
        CsvFile.ROWS);
  }

  private StructType header(SparkSession session, String path) {
    CsvFile file =
        new CsvFile(
            path, CsvDialect.of(options), List.of(), session.sessionState().newHadoopConf());
    try {
      StructType columns = new StructType();
      for (String name : file.header()) {
        columns = columns.add(name, DataTypes.StringType);
      }
      return columns;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Dataset<Row> json(SparkSession session, List<String> paths) {
    Column declared =
        array(table.columns().stream().map(column -> lit(column.from())).toArray(Column[]::new));
    Column unknown = functions.array_except(expr("json_object_keys(value)"), declared).getItem(0);
    return session
        .read()
        .option(GLOB_PATHS, "false")
        .text(paths.toArray(String[]::new))
        .where(trim(col("value")).notEqual(lit("")))
        .select(
            lit(null).cast("binary").as(RawColumns.KEY),
            col("value").cast("binary").as(RawColumns.VALUE),
            col(FILE_NAME).as(FileColumns.FILE),
            lit(null).cast("long").as(FileColumns.LINE),
            when(
                    unknown.isNotNull(),
                    functions.concat(lit(FileErrors.UNKNOWN_FIELD), lit("'"), unknown, lit("'")))
                .as(FileColumns.FAULT));
  }

  private DataFrameReader reader(SparkSession session) {
    return session.read().format(format.spelling()).options(options).option(GLOB_PATHS, "false");
  }

  private List<String> declared() {
    return table.columns().stream().map(ColumnDefinition::from).toList();
  }

  private Optional<String> headerFault(List<String> found) {
    return new TreeSet<>(found).equals(new TreeSet<>(declared()))
            && found.size() == table.columns().size()
        ? Optional.empty()
        : Optional.of(FileErrors.otherColumns(found, declared()));
  }

  private Optional<String> schemaFault(StructType found) {
    Optional<String> names = headerFault(List.of(found.fieldNames()));
    if (names.isPresent()) {
      return names;
    }
    return table.columns().stream()
        .filter(column -> !isOfType(found.apply(column.from()), column))
        .map(
            column ->
                FileErrors.otherType(
                    column.from(),
                    found.apply(column.from()).dataType().sql(),
                    column.sqlType().sql()))
        .findFirst();
  }

  private static boolean isOfType(StructField found, ColumnDefinition column) {
    return found.dataType().equals(column.sqlType());
  }

  private static Column quoted(String name) {
    return col(package$.MODULE$.quoteIdentifier(name));
  }
}
