package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.StackExtension;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.pipeline.command.PipelineReset;
import dev.millrace.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.hadoop.HadoopCatalog;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shipped pipelines into tables of Iceberg, read by Iceberg's own reader, next to what the
 * source's table has.
 */
@ExtendWith(StackExtension.class)
class IcebergSinkIT {

  private static final long SEED = 20261130;

  @TempDir Path folder;

  @Test
  void theShippedViewsEqualPostgres(LocalStack stack) throws Exception {
    ShippedViews views = new ShippedViews(stack, folder, "iceberg");
    Map<Integer, Long> begin = stack.endOffsets(StackExtension.TOPIC);
    long firstId = RideViews.firstId(stack);
    List<String> settings =
        new ArrayList<>(
            new TestPipeline("", StackExtension.TOPIC, folder, "iceberg").from(begin).settings());
    settings.add("source.kafka.max-offsets-per-trigger=150");
    PlayedRides.play(stack, SEED + 10, 100);
    views.run(settings);
    PlayedRides.play(stack, SEED + 11, 60);
    assertThat(views.run(settings)).contains("no lag");

    new RideViews(stack, "iceberg", "ride_views", folder.resolve("output"), firstId)
        .requireEqualToPostgres();

    stack.execute("CREATE SCHEMA lake");
    stack.execute(
        "CREATE TABLE lake.compared AS SELECT * FROM %s WHERE id >= %d"
            .formatted(RideViews.TABLE, firstId));
    List<String> compared = new ArrayList<>(settings);
    compared.add("source.postgres.url=" + stack.jdbcUrl());
    compared.add("source.postgres.password=" + stack.connections().postgresPassword());
    compared.add("source.postgres.table=lake.compared");
    assertThat(views.verified(compared))
        .containsPattern("(?m)^table ride_views.mirror of .* rows; equal$")
        .containsPattern("(?m)^table ride_views.open_rides of .* rows; equal$")
        .containsPattern("(?m)^table ride_views.completed_by_vehicle of .* rows; equal$");
    try (HadoopCatalog catalog = warehouse()) {
      Table mirror = catalog.loadTable(TableIdentifier.of("ride_views", "mirror"));
      assertThat(mirror.schema().identifierFieldNames()).containsExactly("id");
      Map<Integer, Long> end = stack.endOffsets(StackExtension.TOPIC);
      assertThat(mirror.currentSnapshot().summary().get("millrace.position"))
          .startsWith("{\"" + StackExtension.TOPIC + "\":{")
          .contains("\"0\":" + end.get(0), "\"1\":" + end.get(1), "\"2\":" + end.get(2));
      mirror.newDelete().deleteFromRowFilter(Expressions.alwaysTrue()).commit();
    }
    assertThatThrownBy(() -> views.verified(compared))
        .hasMessageStartingWith("mirror: the sink does not hold what the view has.");

    // Other SQL with a column more: the whole result replaces what was there.
    List<String> changed = new ArrayList<>(settings);
    changed.add(
        "outputs.mirror.sql=SELECT *, booking_value * 2 AS twice FROM bookings WHERE booking_status = 'Completed'");
    PlayedRides.play(stack, SEED + 12, 20);
    views.run(changed);
    List<Map<String, String>> mirror = rows("mirror");
    assertThat(mirror.stream().map(row -> row.get("booking_status")).distinct())
        .containsExactly("Completed");
    assertThat(mirror).anySatisfy(row -> assertThat(row.get("twice")).isNotNull());
    assertThat(mirror)
        .hasSize(
            rows("completed_by_vehicle").stream()
                .mapToInt(row -> Integer.parseInt(row.get("rides")))
                .sum());

    PipelineReset reset = new PipelineReset(views.pipeline(settings));
    assertThat(reset.delivered())
        .anySatisfy(
            line ->
                assertThat(line)
                    .matches(
                        "table ride_views\\.mirror of the catalog at \\S+ \\(\\d+ data files\\), its mark \\(batch \\d+\\)"));
    reset.run(true);
    try (HadoopCatalog catalog = warehouse()) {
      assertThat(catalog.listTables(Namespace.of("ride_views"))).isEmpty();
    }
  }

  /**
   * Every change is a row, once, regardless of how often the job starts; the catalog is Postgres.
   */
  @Test
  void anOutputOverChangesAddsARowForEach(LocalStack stack) throws Exception {
    stack.execute("CREATE DATABASE changes_catalog");
    String url = stack.jdbcUrl().replaceAll("/[^/]*$", "/changes_catalog");
    Map<Integer, Long> begin = stack.endOffsets(StackExtension.TOPIC);
    PlayedRides.play(stack, SEED + 13, 40);
    String user = stack.connections().postgresUser();
    String password = stack.connections().postgresPassword();
    TestPipeline pipeline =
        new TestPipeline(stack.bootstrapServers(), StackExtension.TOPIC, folder, "iceberg")
            .from(begin)
            .with("sinks.iceberg.catalog=jdbc")
            .with("sinks.iceberg.uri=" + url)
            .with("sinks.iceberg.user=" + user)
            .with("sinks.iceberg.password=" + password)
            .with("sinks.iceberg.partition-by=[op, 'bucket(4, id)']")
            .with("source.kafka.max-offsets-per-trigger=50");
    pipeline
        .with("sinks.iceberg.partition-by=[op]")
        .run(new OutputChoice.Named(List.of("average-by-operation")));
    pipeline.run(new OutputChoice.Named(List.of("bookings")));
    pipeline.run(new OutputChoice.Named(List.of("bookings")));

    List<String> expected =
        ChangeTopic.read(stack, StackExtension.TOPIC).stream()
            .filter(message -> message.offset() >= begin.get(message.partition()))
            .map(
                message ->
                    "%d %d %s %s"
                        .formatted(
                            message.partition(),
                            message.offset(),
                            message.value().get("__op").asText(),
                            message.value().get("id").asText()))
            .sorted()
            .toList();
    assertThat(expected).hasSizeGreaterThan(40);
    try (JdbcCatalog catalog = new JdbcCatalog()) {
      catalog.setConf(new Configuration());
      catalog.initialize(
          "millrace",
          Map.of("uri", url, "jdbc.user", user, "jdbc.password", password, "warehouse", "unused"));
      Table bookings = catalog.loadTable(TableIdentifier.of("ride_bookings", "bookings"));
      assertThat(bookings.spec().fields())
          .extracting(field -> field.transform().toString())
          .containsExactly("identity", "bucket[4]");
      assertThat(
              IcebergRows.read(bookings).stream()
                  .map(
                      row ->
                          "%s %s %s %s"
                              .formatted(
                                  row.get("partition"),
                                  row.get("offset"),
                                  row.get("op"),
                                  row.get("id"))))
          .containsExactlyInAnyOrderElementsOf(expected);
      assertThat(
              IcebergRows.read(
                      catalog.loadTable(
                          TableIdentifier.of("ride_bookings", "average_by_operation")))
                  .stream()
                  .map(row -> row.get("op"))
                  .sorted())
          .containsExactlyElementsOf(
              expected.stream()
                  .map(line -> line.split(" ", -1)[2])
                  .collect(Collectors.toCollection(java.util.TreeSet::new)));
    }
  }

  private HadoopCatalog warehouse() {
    return new HadoopCatalog(
        new Configuration(), folder.resolve("output").resolve("iceberg").toString());
  }

  private List<Map<String, String>> rows(String table) throws IOException {
    try (HadoopCatalog catalog = warehouse()) {
      return IcebergRows.read(catalog.loadTable(TableIdentifier.of("ride_views", table)));
    }
  }
}
