package dev.millrace.sink.cassandra;

import dev.millrace.config.CassandraConnection;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.SinkDefinition;
import dev.millrace.config.SinkDefinition.CassandraSink;
import dev.millrace.config.SinkDefinition.CassandraSink.ClusteringColumn;
import dev.millrace.config.SinkDefinition.CassandraSink.Replication;
import dev.millrace.config.SinkDefinition.Create;
import dev.millrace.config.SinkDefinition.OnTruncate;
import dev.millrace.config.Values;
import dev.millrace.config.parse.CassandraParser;
import dev.millrace.config.parse.Section;
import dev.millrace.error.CassandraErrors;
import dev.millrace.sink.Sink;
import dev.millrace.sink.SinkConnector;
import dev.millrace.sink.SinkContext;
import dev.millrace.sink.SinkReader;
import dev.millrace.sink.ViewForm;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.types.StructType;

/** {@code cassandra}: a table with the newest row of each key. */
public final class CassandraConnector implements SinkConnector {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,47}");
  private static final Pattern CLUSTERING =
      Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)(?: (asc|desc))?");

  /** CQL's types that hold what a text stands for. */
  private static final List<String> TEXT_TYPES = List.of("text", "ascii", "uuid", "timeuuid");

  @Override
  public String spelling() {
    return "cassandra";
  }

  @Override
  public SinkTemplate read(Section settings, SinkDefaults defaults) {
    CassandraConnection connection = CassandraParser.connection(settings);
    String keyspace = settings.optional("keyspace", CassandraConnector::name, "millrace");
    Function<String, String> table = table(settings);
    Section replication = settings.section("replication");
    Replication copies =
        new Replication(
            replication.optional(
                "class",
                Values.oneOf(
                    List.of("SimpleStrategy", "NetworkTopologyStrategy"), Function.identity()),
                "SimpleStrategy"),
            replication.optional("factor", Values.number(1, 100), "1").intValue());
    replication.finish();
    Create create = settings.optional("create", Values.oneOf(Create.class), "never");
    String consistency =
        settings.optional(
            "consistency",
            Values.oneOf(CassandraParser.CONSISTENCIES, Function.identity()),
            "local-quorum");
    List<ClusteringColumn> clustering =
        settings.list("clustering", CassandraConnector::clustering, List.of());
    Map<String, String> types = types(settings.section("types"));
    OnTruncate onTruncate =
        settings.optional("on-truncate", Values.oneOf(OnTruncate.class), "fail");
    int inFlight = settings.optional("in-flight", Values.number(1, 10_000), "128").intValue();
    int rowsPerRequest =
        settings.optional("rows-per-request", Values.number(1, 1_000), "64").intValue();
    return output ->
        new CassandraSink(
            connection,
            keyspace,
            table.apply(output),
            copies,
            create,
            consistency,
            clustering,
            types,
            onTruncate,
            inFlight,
            rowsPerRequest);
  }

  /** A keyspace's or a table's name, which CQL takes without quotes. */
  private static String name(String text) {
    if (!NAME.matcher(text).matches()) {
      throw new IllegalArgumentException(CassandraErrors.expectName());
    }
    return text;
  }

  /** The table's name, in which {@code {output}} stands for the output's, its dashes replaced. */
  private static Function<String, String> table(Section sink) {
    String table = sink.optional("table", Values.template(CassandraConnector::name), "{output}");
    return output -> table.replace("{output}", output.replace('-', '_').replace('.', '_'));
  }

  private static ClusteringColumn clustering(String text) {
    Matcher matcher = CLUSTERING.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(CassandraErrors.expectClustering());
    }
    return new ClusteringColumn(matcher.group(1), "desc".equals(matcher.group(2)));
  }

  private static Map<String, String> types(Section section) {
    Map<String, String> types = new LinkedHashMap<>();
    for (String column : section.keys()) {
      section
          .optional(column, Values.oneOf(TEXT_TYPES, Function.identity()))
          .ifPresent(type -> types.put(column, type));
    }
    section.finish();
    return types;
  }

  @Override
  public List<String> objections(SinkDefinition sink, StructType result) {
    return CassandraTable.objections((CassandraSink) sink, result);
  }

  @Override
  public Optional<String> note(OutputDefinition output, StructType result, boolean isByMessage) {
    return Optional.of(
        new CassandraTable((CassandraSink) output.sink(), output, result).orderNote(isByMessage));
  }

  @Override
  public ViewForm viewForm() {
    return ViewForm.UPSERTS;
  }

  @Override
  public Optional<SinkReader> reader(String pipeline, OutputDefinition view, Configuration hadoop) {
    return Optional.of(new CassandraSinkReader((CassandraSink) view.sink()));
  }

  @Override
  public Sink open(OutputDefinition output, SinkContext context) {
    return new CassandraUpsertSink(
        (CassandraSink) output.sink(),
        output,
        context.console(),
        new CassandraClockFile(context.checkpoint(), context.hadoop()),
        InstantSource.system());
  }
}
