package dev.millrace.config;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Where an output goes, {@code {output}} already replaced by its name. Immutable. */
public interface SinkDefinition {

  /** The name by which flags and files choose it: {@code console}, {@code parquet}, ... */
  String kind();

  /** Where it is, for a user to read; without options, which may be secret. */
  String place();

  /**
   * Whether it keeps the newest row of each key: an output needs a key then, and its rows come with
   * what tells which of two is the newer.
   */
  default boolean isByKey() {
    return false;
  }

  /**
   * Whether it keeps the newest row of each key for an output with a key, whose rows come with what
   * tells which of two is the newer and which values were not sent.
   */
  default boolean isGuarded() {
    return isByKey();
  }

  /**
   * The same sink for the dead letters of one query of several, which it keeps apart.
   *
   * @param query can be part of a path
   */
  default SinkDefinition ofQuery(String query) {
    return this;
  }

  /** What happens to a topic, keyspace or table that does not exist. */
  enum Create {
    IF_MISSING,
    /** The run ends. */
    NEVER
  }

  /** What happens to a truncate, which can't be ordered among the writes of other keys. */
  enum OnTruncate {
    /** The query ends. */
    FAIL,
    /** The rows stay. */
    SKIP
  }

  /**
   * A table on standard output.
   *
   * @param rows most rows of a batch that are shown
   */
  record ConsoleSink(int rows) implements SinkDefinition {
    @Override
    public String kind() {
      return "console";
    }

    @Override
    public String place() {
      return "the console";
    }
  }

  /**
   * Files in a folder.
   *
   * @param kind the file format, as Spark names it
   * @param path a folder, as a path or a URI of Hadoop's file systems
   * @param partitionBy columns of the result that become folders below each batch
   * @param options of CSV, see {@link CsvDialect}
   */
  record FileSink(String kind, String path, List<String> partitionBy, Map<String, String> options)
      implements SinkDefinition {

    /** Schemes of Hadoop's file systems that rename a folder in one step. */
    public static final Set<String> RENAMING_SCHEMES =
        Collections.unmodifiableSet(
            new TreeSet<>(
                List.of(
                    "file",
                    "hdfs",
                    "viewfs",
                    "webhdfs",
                    "swebhdfs",
                    "abfs",
                    "abfss",
                    "maprfs",
                    "ofs",
                    "o3fs")));

    /** Files without options. */
    public FileSink(String kind, String path, List<String> partitionBy) {
      this(kind, path, partitionBy, Map.of());
    }

    public FileSink {
      partitionBy = List.copyOf(partitionBy);
      options = Map.copyOf(options);
    }

    @Override
    public String place() {
      return kind + " files in " + path;
    }

    @Override
    public SinkDefinition ofQuery(String query) {
      return new FileSink(kind, path + "/query=" + query, partitionBy, options);
    }
  }

  /**
   * A Kafka topic.
   *
   * @param create what happens to the topic where it does not exist
   * @param options passed to the producer as they are ({@code security.protocol}, ...)
   */
  record KafkaSink(
      String bootstrapServers,
      String topic,
      Format format,
      Create create,
      Map<String, String> options)
      implements SinkDefinition {

    /** What a record is. */
    public enum Format {
      /** The JSON of the key's columns, and of the row. */
      JSON,
      /** The row's columns {@code key} and {@code value}, as they are. */
      RAW
    }

    /** A topic of JSON. */
    public KafkaSink(String bootstrapServers, String topic, Map<String, String> options) {
      this(bootstrapServers, topic, Format.JSON, Create.IF_MISSING, options);
    }

    public KafkaSink {
      options = Map.copyOf(options);
    }

    @Override
    public String kind() {
      return "kafka";
    }

    @Override
    public String place() {
      return "topic " + topic + " at " + bootstrapServers;
    }

    /** Without the options' values, which may be secret. */
    @Override
    public String toString() {
      return "%s, format %s, create %s, options %s"
          .formatted(place(), format, create, new TreeSet<>(options.keySet()));
    }
  }

  /**
   * A table in Cassandra, whose partition key is the output's key.
   *
   * @param create what happens to a keyspace or table that does not exist
   * @param consistency how many replicas acknowledge a write, as a user spells it
   * @param clustering the rest of the primary key, for a table that is created
   * @param types CQL types of text columns that are more than text, by column
   * @param onTruncate what happens to a truncate of the source's table
   * @param inFlight most requests of a task that have no answer yet
   * @param rowsPerRequest most rows of a partition that go in one request
   */
  record CassandraSink(
      CassandraConnection connection,
      String keyspace,
      String table,
      Replication replication,
      Create create,
      String consistency,
      List<ClusteringColumn> clustering,
      Map<String, String> types,
      OnTruncate onTruncate,
      int inFlight,
      int rowsPerRequest)
      implements SinkDefinition {

    /** How a keyspace that is created keeps its copies. */
    public record Replication(String strategy, int factor) {}

    /** A column by which the rows of a partition are sorted. */
    public record ClusteringColumn(String name, boolean isDescending) {}

    public CassandraSink {
      clustering = List.copyOf(clustering);
      types = Map.copyOf(types);
    }

    @Override
    public String kind() {
      return "cassandra";
    }

    @Override
    public boolean isByKey() {
      return true;
    }

    @Override
    public String place() {
      return "table " + keyspace + "." + table + " at " + connection.place();
    }
  }

  /**
   * A table in Postgres.
   *
   * @param url of JDBC, without a password
   * @param password empty where the environment ({@code PGPASSWORD}) or the password file has it
   * @param schema as Postgres spells it, without quotes; likewise {@code table}
   * @param create what happens to a table that does not exist
   * @param guard how the newest change of a key is told, for an output over changes
   * @param tombstoneRetention how long the position of a deleted key is kept
   * @param onTruncate what happens to a truncate of the source's table
   * @param retryTimeout how long a server that does not answer is retried
   */
  record PostgresSink(
      String url,
      String user,
      String password,
      String schema,
      String table,
      Create create,
      Guard guard,
      Duration tombstoneRetention,
      OnTruncate onTruncate,
      Duration retryTimeout)
      implements SinkDefinition {

    /** Where the position of the change is kept that a row stems from. */
    public enum Guard {
      /** In columns of the table. */
      COLUMN,
      /** In a table next to it. */
      SIDE_TABLE,
      /** Nowhere: every change is a row of its own. */
      NONE
    }

    @Override
    public boolean isGuarded() {
      return guard != Guard.NONE;
    }

    @Override
    public String kind() {
      return "postgres";
    }

    @Override
    public String place() {
      return "table " + schema + "." + table + " at " + url;
    }

    /** Without the password. */
    @Override
    public String toString() {
      return "%s as %s, create %s".formatted(place(), user, create);
    }
  }

  /**
   * A table of Iceberg.
   *
   * @param namespace the levels of its namespace, at least one
   * @param partitionBy how a table that is created is partitioned
   * @param create what happens to a table that does not exist, and to columns that it lacks
   * @param retryTimeout how long a catalog that does not answer is retried
   */
  record IcebergSink(
      Catalog catalog,
      List<String> namespace,
      String table,
      List<PartitionField> partitionBy,
      Create create,
      Duration retryTimeout)
      implements SinkDefinition {

    /** Where a catalog keeps which version of a table is the newest. */
    public enum CatalogType {
      /** In files next to the table's. */
      HADOOP,
      /** In a database. */
      JDBC,
      /** Behind a service. */
      REST
    }

    /**
     * A catalog.
     *
     * @param name by which one of JDBC tells its tables from those of others
     * @param warehouse the folder of its tables; empty where a service decides
     * @param uri of the database or the service; empty for a folder
     * @param user empty for none; likewise {@code password}
     * @param options passed on as properties of the catalog
     */
    public record Catalog(
        CatalogType type,
        String name,
        String warehouse,
        String uri,
        String user,
        String password,
        Map<String, String> options) {

      public Catalog {
        options = Map.copyOf(options);
      }

      /** Where it is, for a user to read. */
      public String place() {
        return uri.isEmpty() ? warehouse : Secrets.withoutPasswords(uri);
      }

      /** Without the password and the options' values, which may be secret. */
      @Override
      public String toString() {
        return "%s catalog %s at %s, options %s"
            .formatted(type, name, place(), new TreeSet<>(options.keySet()));
      }
    }

    /**
     * A column by which rows are partitioned.
     *
     * @param transform as Iceberg names it: {@code identity}, {@code year}, {@code month}, {@code
     *     day}, {@code hour}, {@code bucket}, {@code truncate}
     * @param width buckets, or characters or the step of numbers; 0 for the others
     */
    public record PartitionField(String transform, int width, String column) {}

    public IcebergSink {
      namespace = List.copyOf(namespace);
      partitionBy = List.copyOf(partitionBy);
    }

    /** Namespace and name, as SQL has them. */
    public String identifier() {
      return String.join(".", namespace) + "." + table;
    }

    @Override
    public String kind() {
      return "iceberg";
    }

    @Override
    public String place() {
      return "table " + identifier() + " of the catalog at " + catalog.place();
    }
  }
}
