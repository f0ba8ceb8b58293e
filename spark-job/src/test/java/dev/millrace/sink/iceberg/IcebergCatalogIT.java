package dev.millrace.sink.iceberg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.SparkTest;
import dev.millrace.StackExtension;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.OutputDefinition.Mode;
import dev.millrace.config.OutputDefinition.Scope;
import dev.millrace.config.SinkDefinition.Create;
import dev.millrace.config.SinkDefinition.IcebergSink;
import dev.millrace.config.SinkDefinition.IcebergSink.CatalogType;
import dev.millrace.sink.Batch;
import dev.millrace.sink.Sink;
import dev.millrace.sink.SinkContext;
import dev.millrace.stack.LocalStack;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A catalog in Postgres that fails, and what Iceberg's own reader finds afterwards. */
@ExtendWith(StackExtension.class)
class IcebergCatalogIT {

  private static final String CHECKPOINT = "6f0d2a3e-0000-4000-8000-000000000001";
  private static final String DATABASE = "iceberg_catalog";
  private static final StructType TYPE = StructType.fromDDL("op STRING, name STRING, n BIGINT");
  private static final int BATCHES = 8;

  @RegisterExtension static final SparkTest SPARK = new SparkTest();

  @TempDir Path folder;

  private final StringWriter console = new StringWriter();

  /** The sessions of the catalog are ended at any moment of a batch, also within its commit. */
  @Test
  void sessionsThatAreCutLoseAndRepeatNothing(LocalStack stack) throws Exception {
    stack.execute("CREATE DATABASE " + DATABASE);
    String url = url(stack, DATABASE);
    String password = stack.connections().postgresPassword();
    Random moments = new Random();
    try (Sink sink = begun(stack, url, password, Duration.ofMinutes(2))) {
      for (int batch = 0; batch <= BATCHES; batch++) {
        Duration pause = Duration.ofMillis(moments.nextInt(200));
        CompletableFuture<Void> cutting = CompletableFuture.runAsync(() -> cut(stack, pause));
        deliver(sink, batch);
        cutting.join();
      }
    }

    List<Long> expected = new ArrayList<>();
    for (long batch = 0; batch <= BATCHES; batch++) {
      expected.add(batch);
    }
    try (JdbcCatalog catalog = new JdbcCatalog()) {
      catalog.setConf(new Configuration());
      catalog.initialize(
          "millrace",
          Map.of(
              "uri",
              url,
              "jdbc.user",
              stack.connections().postgresUser(),
              "jdbc.password",
              password,
              "warehouse",
              folder.toString()));
      Table table = catalog.loadTable(TableIdentifier.of("lake", "rides", "added"));
      List<Long> found = new ArrayList<>();
      try (CloseableIterable<Record> rows = IcebergGenerics.read(table).build()) {
        rows.forEach(row -> found.add((Long) row.getField("n")));
      }
      assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  void aCatalogThatRefusesEndsTheStart(LocalStack stack) {
    String url = url(stack, "no_such_database");

    assertThatThrownBy(
            () -> begun(stack, url, stack.connections().postgresPassword(), Duration.ofMinutes(1)))
        .hasMessageStartingWith(
            "table lake.rides.added of the catalog at " + url + ": the catalog refuses (")
        .hasMessageContaining("database \"no_such_database\" does not exist")
        .hasMessageEndingWith("Correct sinks.iceberg.catalog, .uri, .warehouse or .options.");
    String silent = "jdbc:postgresql://localhost:1/lake";
    assertThatThrownBy(() -> begun(stack, silent, "any", Duration.ofMillis(1)))
        .hasMessageStartingWith(
            "table lake.rides.added of the catalog at "
                + silent
                + " can't be used, also after retries for 0 s (")
        .hasMessageContaining("wait longer with sinks.iceberg.retry-timeout.");
  }

  private static String url(LocalStack stack, String database) {
    return stack.jdbcUrl().replaceAll("/[^/]*$", "/" + database);
  }

  private Sink begun(LocalStack stack, String url, String password, Duration retryTimeout)
      throws InterruptedException {
    OutputDefinition output =
        new OutputDefinition(
            "added",
            Optional.of("SELECT ..."),
            "rides.yaml:1: outputs.added.sql",
            Mode.APPEND,
            Scope.STREAM,
            Optional.empty(),
            List.of(),
            new IcebergSink(
                new IcebergSink.Catalog(
                    CatalogType.JDBC,
                    "millrace",
                    folder.toString(),
                    url,
                    stack.connections().postgresUser(),
                    password,
                    Map.of()),
                List.of("lake", "rides"),
                "added",
                List.of(),
                Create.IF_MISSING,
                retryTimeout));
    SinkContext context =
        new SinkContext(
            "rides",
            new org.apache.hadoop.fs.Path(folder.toUri()),
            SPARK.session().sparkContext().hadoopConfiguration(),
            new PrintWriter(console, true),
            100);
    Sink sink = new IcebergConnector().open(output, context);
    boolean isPrepared = false;
    try {
      sink.begin(CHECKPOINT, 0);
      sink.prepare(TYPE);
      isPrepared = true;
      return sink;
    } finally {
      if (!isPrepared) {
        sink.close();
      }
    }
  }

  private static void deliver(Sink sink, long batch) throws InterruptedException {
    sink.deliver(
        new Batch(
            batch,
            CHECKPOINT,
            false,
            SPARK.session().sql("SELECT 'c' AS op, 'a' AS name, %dL AS n".formatted(batch)),
            rdd -> Optional.empty()));
  }

  private static void cut(LocalStack stack, Duration pause) {
    LockSupport.parkNanos(pause.toNanos());
    try (Connection connection = stack.connect();
        Statement statement = connection.createStatement()) {
      statement.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'"
              .formatted(DATABASE));
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
