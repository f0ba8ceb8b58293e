package dev.millrace.sink.iceberg;

import dev.millrace.config.SinkDefinition.IcebergSink;
import dev.millrace.config.SinkDefinition.IcebergSink.CatalogType;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.UpdatePartitionSpec;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.SupportsNamespaces;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.postgresql.Driver;

/**
 * A catalog, for as long as a sink or a reader is open, and the one table of it that is theirs.
 * Driver only.
 */
final class OpenCatalog implements AutoCloseable {

  private final Catalog catalog;
  private final TableIdentifier identifier;

  private OpenCatalog(Catalog catalog, TableIdentifier identifier) {
    this.catalog = catalog;
    this.identifier = identifier;
  }

  /**
   * Opens the catalog of a sink.
   *
   * @throws RuntimeException of Iceberg where it does not answer
   */
  static OpenCatalog open(IcebergSink sink, Configuration hadoop) {
    IcebergSink.Catalog definition = sink.catalog();
    Map<String, String> properties = new HashMap<>();
    properties.put(
        CatalogUtil.ICEBERG_CATALOG_TYPE, definition.type().name().toLowerCase(Locale.ROOT));
    String warehouse = warehouse(definition, hadoop);
    putUnlessEmpty(properties, CatalogProperties.WAREHOUSE_LOCATION, warehouse);
    putUnlessEmpty(properties, CatalogProperties.URI, definition.uri());
    putUnlessEmpty(properties, JdbcCatalog.PROPERTY_PREFIX + "user", definition.user());
    putUnlessEmpty(properties, JdbcCatalog.PROPERTY_PREFIX + "password", definition.password());
    if (definition.type() == CatalogType.HADOOP && isOnThisMachine(warehouse)) {
      properties.put(CatalogProperties.LOCK_IMPL, LocalLocks.class.getName());
    }
    if (definition.uri().startsWith("jdbc:postgresql:") && !Driver.isRegistered()) {
      // The DriverManager does not find drivers of jars that spark-submit brings.
      throw new IllegalStateException("the driver of Postgres is not registered");
    }
    properties.putAll(definition.options());
    return new OpenCatalog(
        CatalogUtil.buildIcebergCatalog(definition.name(), properties, hadoop),
        TableIdentifier.of(Namespace.of(sink.namespace().toArray(new String[0])), sink.table()));
  }

  /**
   * The folder of the tables, absolute: tables note their place, and are read from other working
   * directories. Without a scheme on a local disk, as readers outside of Hadoop take it.
   */
  private static String warehouse(IcebergSink.Catalog catalog, Configuration hadoop) {
    if (catalog.type() == CatalogType.REST || catalog.warehouse().isEmpty()) {
      return catalog.warehouse();
    }
    Path path = new Path(catalog.warehouse());
    if (path.toUri().getScheme() != null) {
      return catalog.warehouse();
    }
    try {
      Path qualified = FileSystem.get(hadoop).makeQualified(path);
      return qualified.toUri().getScheme().equals("file")
          ? qualified.toUri().getPath()
          : qualified.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isOnThisMachine(String warehouse) {
    return warehouse.startsWith("/") || warehouse.startsWith("file:");
  }

  private static void putUnlessEmpty(Map<String, String> properties, String name, String value) {
    if (!value.isEmpty()) {
      properties.put(name, value);
    }
  }

  /** The table as it is now; empty where there is none. */
  Optional<Table> table() {
    try {
      return Optional.of(catalog.loadTable(identifier));
    } catch (NoSuchTableException e) {
      return Optional.empty();
    }
  }

  /**
   * Creates the table, and its namespace where that is missing, too.
   *
   * @param partitions adds the fields by which rows are partitioned
   */
  Table create(
      Schema schema, Map<String, String> properties, Consumer<UpdatePartitionSpec> partitions) {
    if (catalog instanceof SupportsNamespaces namespaces) {
      createNamespaces(namespaces, identifier.namespace());
    }
    Transaction creation =
        catalog.buildTable(identifier, schema).withProperties(properties).createTransaction();
    UpdatePartitionSpec update = creation.updateSpec();
    partitions.accept(update);
    update.commit();
    creation.commitTransaction();
    return catalog.loadTable(identifier);
  }

  private static void createNamespaces(SupportsNamespaces namespaces, Namespace namespace) {
    for (int length = 1; length <= namespace.length(); length++) {
      String[] levels = new String[length];
      System.arraycopy(namespace.levels(), 0, levels, 0, length);
      Namespace each = Namespace.of(levels);
      try {
        if (!namespaces.namespaceExists(each)) {
          namespaces.createNamespace(each);
        }
      } catch (AlreadyExistsException e) {
        // Another output of the pipeline was quicker.
        if (!namespaces.namespaceExists(each)) {
          throw e;
        }
      }
    }
  }

  /** Drops the table and deletes its files. */
  void drop() {
    catalog.dropTable(identifier, true);
  }

  @Override
  public void close() throws IOException {
    if (catalog instanceof Closeable closeable) {
      closeable.close();
    }
  }
}
