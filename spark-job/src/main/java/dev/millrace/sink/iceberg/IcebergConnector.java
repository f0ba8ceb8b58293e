package dev.millrace.sink.iceberg;

import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition;
import dev.millrace.config.SinkDefinition.Create;
import dev.millrace.config.SinkDefinition.IcebergSink;
import dev.millrace.config.SinkDefinition.IcebergSink.Catalog;
import dev.millrace.config.SinkDefinition.IcebergSink.CatalogType;
import dev.millrace.config.SinkDefinition.IcebergSink.PartitionField;
import dev.millrace.config.Values;
import dev.millrace.config.parse.Section;
import dev.millrace.error.IcebergErrors;
import dev.millrace.sink.Sink;
import dev.millrace.sink.SinkCompaction;
import dev.millrace.sink.SinkConnector;
import dev.millrace.sink.SinkContents;
import dev.millrace.sink.SinkContext;
import dev.millrace.sink.SinkReader;
import dev.millrace.sink.TableChange;
import dev.millrace.sink.ViewForm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * {@code iceberg}: a table of Iceberg that is a copy of a view, or to which an output adds rows.
 *
 * <p>Iceberg's jar is not part of Millrace's. So this class, which is asked for keys and types also
 * where the jar is missing, uses nothing of it.
 */
public final class IcebergConnector implements SinkConnector {

  private static final String RUNTIME = "org.apache.iceberg.spark.source.SparkTable";

  private static final String IDENTITY = "identity";

  private static final Pattern TRANSFORM =
      Pattern.compile(
          "(years?|months?|days?|hours?)\\(([^()]+)\\)|(bucket|truncate)\\((\\d{1,9}),([^()]+)\\)|([^()]+)");

  @Override
  public String spelling() {
    return "iceberg";
  }

  @Override
  public SinkTemplate read(Section settings, SinkDefaults defaults) {
    Catalog catalog = catalog(settings);
    String table =
        settings.optional("table", Values.template(IcebergConnector::table), "millrace.{output}");
    List<PartitionField> partitionBy =
        settings.list("partition-by", IcebergConnector::partitionField, List.of());
    Create create = settings.optional("create", Values.oneOf(Create.class), "if-missing");
    Duration retryTimeout = settings.optional("retry-timeout", Values::duration, "10m");
    return output -> {
      List<String> names =
          levels(table.replace("{output}", output.replace('-', '_').replace('.', '_')));
      int last = names.size() - 1;
      return new IcebergSink(
          catalog, names.subList(0, last), names.get(last), partitionBy, create, retryTimeout);
    };
  }

  private static Catalog catalog(Section settings) {
    CatalogType type = settings.optional("catalog", Values.oneOf(CatalogType.class), "hadoop");
    String name = settings.optional("catalog-name", Values::text, "millrace");
    String warehouse =
        settings.optional(
            "warehouse",
            type == CatalogType.HADOOP ? Values::renamingFolder : text -> text,
            type == CatalogType.REST ? "" : "output/iceberg");
    String uri = settings.optional("uri", text -> text, "");
    String user = settings.optional("user", text -> text, "");
    String password = settings.optional("password", text -> text, "");
    Map<String, String> options = settings.options("options", IcebergConnector::objectionToOption);
    if (type != CatalogType.HADOOP && uri.isEmpty()) {
      settings.problem("uri", IcebergErrors.missingUri(Values.spelling(type)));
    }
    // A folder has none: one that the environment sets for another catalog is not an error.
    return type == CatalogType.HADOOP
        ? new Catalog(type, name, warehouse, "", "", "", options)
        : new Catalog(type, name, warehouse, uri, user, password, options);
  }

  private static Optional<String> objectionToOption(String option) {
    return Set.of("type", "catalog-impl", "warehouse", "uri", "jdbc.user", "jdbc.password")
            .contains(option)
        ? Optional.of(IcebergErrors.ownOption(option))
        : Optional.empty();
  }

  private static String table(String text) {
    List<String> levels = levels(text);
    if (levels.size() < 2
        || levels.stream()
            .anyMatch(level -> level.isBlank() || level.matches(".*[\\p{Cntrl}/\\\\].*"))) {
      throw new IllegalArgumentException(IcebergErrors.expectTable());
    }
    return text;
  }

  private static List<String> levels(String text) {
    return Arrays.asList(text.split("[.]", -1));
  }

  private static PartitionField partitionField(String text) {
    Matcher transform = TRANSFORM.matcher(text.strip());
    if (!transform.matches()) {
      throw new IllegalArgumentException(IcebergErrors.expectTransform());
    }
    if (transform.group(1) != null) {
      // Spark's days(), and Iceberg's day.
      String plural = transform.group(1);
      return new PartitionField(
          plural.endsWith("s") ? plural.substring(0, plural.length() - 1) : plural,
          0,
          transform.group(2).strip());
    }
    if (transform.group(3) != null) {
      int width = Integer.parseInt(transform.group(4));
      if (width == 0) {
        throw new IllegalArgumentException(IcebergErrors.expectTransform());
      }
      return new PartitionField(transform.group(3), width, transform.group(5).strip());
    }
    return new PartitionField(IDENTITY, 0, transform.group(6).strip());
  }

  @Override
  public List<String> objections(SinkDefinition sink, StructType result) {
    List<String> objections = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (StructField field : result.fields()) {
      if (!names.add(field.name().toLowerCase(Locale.ROOT))) {
        objections.add(IcebergErrors.repeatedColumn(field.name()));
      }
      if (!IcebergTypes.isStorable(field.dataType())) {
        objections.add(IcebergErrors.unstorable(field.name(), field.dataType().simpleString()));
      }
    }
    List<String> columns = Arrays.asList(result.fieldNames());
    for (PartitionField field : ((IcebergSink) sink).partitionBy()) {
      if (!columns.contains(field.column())) {
        objections.add(IcebergErrors.partitionColumnMissing(field.column(), columns));
      }
    }
    return objections;
  }

  @Override
  public List<String> objectionsToKey(List<StructField> key) {
    return IcebergTypes.objectionsToKey(key);
  }

  @Override
  public Optional<String> note(OutputDefinition output, StructType result, boolean isByMessage) {
    String table = "output " + output.name() + ": ";
    return Optional.of(
        switch (TableChange.of(output, false)) {
          case MERGE -> table + "the table of Iceberg keeps the newest row of each key";
          case REPLACE -> table + "each batch replaces all rows of the table of Iceberg";
          default ->
              table
                  + "each batch adds rows to the table of Iceberg, one for each version of a row;"
                  + " a view (table.name) keeps it a copy of the rows (docs/iceberg.md)";
        });
  }

  @Override
  public ViewForm viewForm() {
    return ViewForm.KEYED_CHANGES;
  }

  @Override
  public Sink open(OutputDefinition output, SinkContext context) {
    requireRuntime();
    return new IcebergMergeSink(output, context, false);
  }

  @Override
  public Sink openView(OutputDefinition output, SinkContext context) {
    requireRuntime();
    return new IcebergMergeSink(output, context, true);
  }

  @Override
  public Optional<SinkReader> reader(String pipeline, OutputDefinition view, Configuration hadoop) {
    requireRuntime();
    return Optional.of(new IcebergSinkReader((IcebergSink) view.sink(), hadoop));
  }

  @Override
  public Optional<SinkContents> contents(
      String pipeline, OutputDefinition output, Configuration hadoop) {
    requireRuntime();
    return Optional.of(new IcebergContents(output, pipeline, hadoop));
  }

  @Override
  public Optional<SinkCompaction> compaction(OutputDefinition output, Configuration hadoop) {
    requireRuntime();
    return Optional.of(new IcebergCompaction((IcebergSink) output.sink(), hadoop));
  }

  private static void requireRuntime() {
    try {
      Class.forName(RUNTIME, false, Thread.currentThread().getContextClassLoader());
    } catch (ClassNotFoundException e) {
      throw IcebergErrors.missingRuntime(e);
    }
  }
}
