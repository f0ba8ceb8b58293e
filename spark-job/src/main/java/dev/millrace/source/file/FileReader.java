package dev.millrace.source.file;

import dev.millrace.config.CsvDialect;
import dev.millrace.config.TableDefinition;
import dev.millrace.error.FileErrors;
import dev.millrace.event.FileColumns;
import dev.millrace.event.RawColumns;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.format.converter.ParquetMetadataConverter;
import org.apache.parquet.hadoop.Footer;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.Type;
import org.apache.spark.paths.SparkPath;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.CaseInsensitiveMap$;
import org.apache.spark.sql.execution.datasources.FileFormat;
import org.apache.spark.sql.execution.datasources.PartitionedFile;
import org.apache.spark.sql.execution.datasources.orc.OrcFileFormat;
import org.apache.spark.sql.execution.datasources.orc.OrcUtils;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFooterReader;
import org.apache.spark.sql.execution.datasources.parquet.ParquetToSparkSchemaConverter;
import org.apache.spark.sql.execution.datasources.text.TextFileFormat;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import scala.Function1;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.collection.Seq;
import scala.collection.immutable.Nil$;

/**
 * Reads files of one format and one table, each in one pass. Made on the driver, where options that
 * Spark does not know how to read fail; used anywhere.
 */
public final class FileReader implements Serializable {

  private static final long serialVersionUID = 1L;

  /** The columns of a record of a format that is decoded: the JSON of a row, binary. */
  private static final StructType JSON =
      new StructType().add(RawColumns.VALUE, DataTypes.BinaryType);

  private static final StructType TEXT =
      new StructType(FileColumns.TEXT.toArray(StructField[]::new));

  /** What Spark's readers are told unless {@code options} say otherwise. */
  private static final Map<String, String> DEFAULTS =
      Map.of(
          FileFormat.OPTION_RETURNING_BATCH(),
          "false",
          // Dates before 1582 are what they are, whoever wrote the file.
          "datetimeRebaseMode",
          "CORRECTED",
          "int96RebaseMode",
          "CORRECTED");

  private final dev.millrace.config.FileFormat format;
  private final StructType recordType;

  /** The table's columns by their names in files; empty where a file may have any. */
  private final List<StructField> declared;

  /** Of CSV; Spark's readers have got theirs. */
  private final HashMap<String, String> options;

  private final SerializableConfiguration hadoop;
  private final Function1<PartitionedFile, Iterator<InternalRow>> spark;

  /**
   * @param options of CSV those of {@link CsvDialect}, of other formats those of Spark's reader
   * @param table the columns that each file has, none where it may have any; ignored for text
   */
  public FileReader(
      SparkSession session,
      dev.millrace.config.FileFormat format,
      Map<String, String> options,
      TableDefinition table) {
    this.format = format;
    this.options = new HashMap<>(options);
    this.hadoop = new SerializableConfiguration(session.sessionState().newHadoopConf());
    this.declared =
        table.columns().stream()
            .map(column -> DataTypes.createStructField(column.from(), column.sqlType(), true))
            .toList();
    this.recordType =
        switch (format) {
          case CSV, JSON -> JSON;
          case TEXT -> TEXT;
          case PARQUET, ORC -> table.rowType();
        };
    this.spark = sparkReader(session, options);
  }

  private Function1<PartitionedFile, Iterator<InternalRow>> sparkReader(
      SparkSession session, Map<String, String> options) {
    StructType none = new StructType();
    scala.collection.immutable.Map<String, String> known = options(options);
    Configuration conf = session.sessionState().newHadoopConfWithOptions(known);
    return switch (format) {
      case CSV -> null;
      case JSON ->
          new TextFileFormat()
              .buildReaderWithPartitionValues(
                  session, TEXT, none, TEXT, noFilters(), options(Map.of()), conf);
      case TEXT ->
          new TextFileFormat()
              .buildReaderWithPartitionValues(session, TEXT, none, TEXT, noFilters(), known, conf);
      case PARQUET ->
          new ParquetFileFormat()
              .buildReaderWithPartitionValues(
                  session, inFiles(), none, inFiles(), noFilters(), known, conf);
      case ORC ->
          new OrcFileFormat()
              .buildReaderWithPartitionValues(
                  session, inFiles(), none, inFiles(), noFilters(), known, conf);
    };
  }

  private StructType inFiles() {
    return new StructType(declared.toArray(StructField[]::new));
  }

  /** Spark's names ignore case. */
  private static scala.collection.immutable.Map<String, String> options(
      Map<String, String> options) {
    scala.collection.immutable.Map<String, String> all =
        scala.collection.immutable.Map$.MODULE$.<String, String>empty();
    for (Map.Entry<String, String> option : DEFAULTS.entrySet()) {
      all = all.$plus(new Tuple2<>(option.getKey(), option.getValue()));
    }
    for (Map.Entry<String, String> option : options.entrySet()) {
      all = all.$plus(new Tuple2<>(option.getKey(), option.getValue()));
    }
    return CaseInsensitiveMap$.MODULE$.apply(all);
  }

  @SuppressWarnings("unchecked") // Scala's empty list is one of every type.
  private static Seq<Filter> noFilters() {
    return (Seq<Filter>) (Seq<?>) Nil$.MODULE$;
  }

  /** The columns of a record: {@link RawColumns#VALUE}, the JSON of a row, or the table's. */
  public StructType recordType() {
    return recordType;
  }

  /** For a person: the format. */
  public String formatName() {
    return format.spelling();
  }

  /**
   * Opens a file.
   *
   * @throws FileFault where its columns are not those of the table, or it is not the file that was
   *     found
   * @throws Exception where it can't be read
   */
  public FileRecords open(SourceFile file) throws Exception {
    Path path = file.path();
    FileSystem files = path.getFileSystem(hadoop.value());
    FileStatus status = status(files, file);
    FileRecords records =
        switch (format) {
          case CSV -> {
            CsvFile csv = csv(path);
            try {
              requireNames(csv.columns());
            } catch (FileFault e) {
              csv.close();
              throw e;
            }
            yield csv;
          }
          case JSON -> new LineRecords(spark(status), true);
          case TEXT -> new LineRecords(spark(status), false);
          case PARQUET, ORC -> {
            requireColumns(schema(status));
            yield spark(status);
          }
        };
    return new UnchangedFile(records, () -> status(files, file));
  }

  /** The file as it is, which must be as it was found. */
  private static FileStatus status(FileSystem files, SourceFile file) throws IOException {
    FileStatus status;
    try {
      status = files.getFileStatus(file.path());
    } catch (FileNotFoundException e) {
      throw new FileFault(FileErrors.gone(), e);
    }
    if (status.isDirectory()) {
      throw new FileFault(FileErrors.replacedByFolder());
    }
    if (status.getModificationTime() != file.modifiedMillis()) {
      throw new FileFault(
          FileErrors.changed(
              Instant.ofEpochMilli(file.modifiedMillis()),
              Instant.ofEpochMilli(status.getModificationTime())));
    }
    return status;
  }

  private SparkRecords spark(FileStatus status) {
    return new SparkRecords(
        spark.apply(
            new PartitionedFile(
                InternalRow.empty(),
                SparkPath.fromFileStatus(status),
                0,
                status.getLen(),
                new String[0],
                status.getModificationTime(),
                status.getLen(),
                scala.collection.immutable.Map$.MODULE$.<String, Object>empty())));
  }

  /**
   * The columns that a file itself tells; of CSV texts by its header, of JSON and text none. A
   * timestamp without a zone is one of UTC.
   */
  StructType schema(SourceFile file) throws Exception {
    return schema(file.path().getFileSystem(hadoop.value()).getFileStatus(file.path()));
  }

  private StructType schema(FileStatus file) throws Exception {
    return switch (format) {
      case CSV -> {
        try (CsvFile csv = csv(file.getPath())) {
          StructType columns = new StructType();
          for (String name : csv.columns()) {
            columns = columns.add(name, DataTypes.StringType);
          }
          yield columns;
        }
      }
      case PARQUET -> parquetSchema(file);
      case ORC ->
          (StructType)
              withZones(
                  OrcUtils.readSchema(file.getPath(), hadoop.value(), false)
                      .map(OrcUtils::toCatalystSchema)
                      .getOrElse(StructType::new));
      case JSON, TEXT -> new StructType();
    };
  }

  private StructType parquetSchema(FileStatus file) throws IOException {
    Configuration conf = hadoop.value();
    ParquetMetadata footer =
        ParquetFooterReader.readFooter(conf, file, ParquetMetadataConverter.SKIP_ROW_GROUPS);
    for (Type field : footer.getFileMetaData().getSchema().getFields()) {
      if (field.getLogicalTypeAnnotation() instanceof TimestampLogicalTypeAnnotation timestamp
          && timestamp.getUnit() == TimeUnit.NANOS) {
        throw new FileFault(FileErrors.nanoseconds(field.getName()));
      }
    }
    ParquetToSparkSchemaConverter converter =
        new ParquetToSparkSchemaConverter(false, true, true, true, false);
    return (StructType)
        withZones(
            ParquetFileFormat.readSchemaFromFooter(new Footer(file.getPath(), footer), converter));
  }

  /** A timestamp without a zone has the same microseconds as one of UTC. */
  private static DataType withZones(DataType type) {
    if (type.equals(DataTypes.TimestampNTZType)) {
      return DataTypes.TimestampType;
    }
    if (type instanceof ArrayType array) {
      return DataTypes.createArrayType(withZones(array.elementType()), array.containsNull());
    }
    if (type instanceof StructType struct) {
      return new StructType(
          Arrays.stream(struct.fields())
              .map(
                  field ->
                      field.copy(field.name(), withZones(field.dataType()), true, field.metadata()))
              .toArray(StructField[]::new));
    }
    return type;
  }

  private void requireColumns(StructType found) throws FileFault {
    requireNames(List.of(found.fieldNames()));
    for (StructField column : declared) {
      DataType type = found.apply(column.name()).dataType();
      if (!type.equals(column.dataType())) {
        throw new FileFault(
            FileErrors.otherType(column.name(), type.sql(), column.dataType().sql()));
      }
    }
  }

  private void requireNames(List<String> found) throws FileFault {
    List<String> expected = names();
    boolean isAsExpected =
        found.size() == expected.size() && new TreeSet<>(found).equals(new TreeSet<>(expected));
    if (!isAsExpected && !expected.isEmpty()) {
      throw new FileFault(FileErrors.otherColumns(found, expected));
    }
  }

  private CsvFile csv(Path path) throws IOException {
    return new CsvFile(path, CsvDialect.of(options), names(), hadoop.value());
  }

  private List<String> names() {
    return declared.stream().map(StructField::name).toList();
  }
}
