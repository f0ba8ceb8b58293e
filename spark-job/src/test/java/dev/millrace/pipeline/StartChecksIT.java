package dev.millrace.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.StackExtension;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.error.UserException;
import dev.millrace.query.OutputQuery;
import dev.millrace.query.OutputQuery.Shape;
import dev.millrace.stack.LocalStack;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a run prints before its queries start; against the real database where it looks at one. */
@ExtendWith(StackExtension.class)
class StartChecksIT {

  private static final OutputChoice FIRST = new OutputChoice.First();

  @TempDir Path folder;

  private TestPipeline pipeline(LocalStack stack) {
    return new TestPipeline(stack.bootstrapServers(), StackExtension.TOPIC, folder, "parquet")
        .with("source.postgres.url=" + stack.jdbcUrl())
        .with("source.postgres.user=" + stack.connections().postgresUser())
        .with("source.postgres.password=" + stack.connections().postgresPassword());
  }

  @Test
  void endsARunThatWouldTakeInventedValuesForData(LocalStack stack) {
    TestPipeline whole = pipeline(stack).with("table.replica-identity=full");

    assertThatThrownBy(() -> whole.run(FIRST))
        .isInstanceOfSatisfying(
            UserException.class,
            error -> {
              assertThat(error.exitCode()).isEqualTo(UserException.WRONG_INPUT);
              assertThat(error.problems())
                  .containsExactly(
                      "source.postgres: table public.business_ncr_ride_bookings: its replica"
                          + " identity is 'default', and the pipeline declares full: deletes would"
                          + " have '', 0, false and 1970-01-01 that nobody wrote. Expected"
                          + " table.replica-identity: default. Declare it so, or run ALTER TABLE"
                          + " public.business_ncr_ride_bookings REPLICA IDENTITY FULL.");
            });
  }

  @Test
  void findsNothingInTheShippedTable(LocalStack stack) throws InterruptedException {
    assertThat(pipeline(stack).run(FIRST)).doesNotContain("warning");
  }

  @Test
  void warnsAndContinuesWhereChangesWillBeMissingOrPostgresIsGone(LocalStack stack)
      throws InterruptedException {
    assertThat(pipeline(stack).with("source.postgres.publication=nowhere").run(FIRST))
        .containsOnlyOnce(
            "warning: Postgres, publication nowhere: there is no such publication. Expected the"
                + " connector's publication.name. Correct source.postgres.publication, or create"
                + " it.");
    assertThat(
            pipeline(stack).with("source.postgres.url=jdbc:postgresql://localhost:1/x").run(FIRST))
        .containsOnlyOnce(
            "warning: source.postgres: can't check public.business_ncr_ride_bookings at"
                + " jdbc:postgresql://localhost:1/x as ")
        .contains("The run continues without.");
  }

  /** A server that has connections and never answers, such as one that is stopped (SIGSTOP). */
  @Test
  void aRunThatAsksASilentPostgresCanBeStopped(LocalStack stack) throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getByName("localhost"))) {
      PipelineRun run =
          new PipelineRun(
              pipeline(stack)
                  .with(
                      "source.postgres.url=jdbc:postgresql://localhost:%d/x"
                          .formatted(silent.getLocalPort()))
                  .load(FIRST),
              new PrintWriter(Writer.nullWriter()),
              100);
      CompletableFuture<Void> ended =
          CompletableFuture.runAsync(
              () -> {
                try {
                  run.run();
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
      silent.setSoTimeout(120_000);
      try (Socket connected = silent.accept()) {
        assertThat(connected.isConnected()).isTrue();
        assertThat(ended).isNotDone();

        run.stop();

        ended.get(20, TimeUnit.SECONDS);
      }
    }
  }

  // ------------------------------------------------------------------ without a database

  private List<String> warnings(String identity, String sink, String... result) throws Exception {
    Path file = folder.resolve("pipeline.yaml");
    Files.writeString(
        file,
        """
        name: arrays
        source: {kafka: {bootstrap-servers: "localhost:1", topic: t}}
        table:
          key: [id]
          replica-identity: %s
          columns:
            id: {type: bigint}
            prices: {type: array<double>}
            names: {type: array<string>}
            moments: {type: array<timestamp>}
        outputs:
          mirror: {key: [id], sink: %s}
        """
            .formatted(identity, sink));
    PipelineDefinition pipeline =
        new PipelineLoader(Map.of(), SinkConnectors.STANDARD.kinds())
            .load(file.toString(), Overrides.none())
            .definition();
    StructType columns =
        new StructType(
            Arrays.stream(result)
                .map(name -> DataTypes.createStructField(name, DataTypes.StringType, true))
                .toArray(StructField[]::new));
    OutputQuery query =
        new OutputQuery(
            pipeline.outputs().get(0),
            Shape.STATELESS,
            pipeline.relation(),
            Set.of(),
            columns,
            columns,
            true,
            true);
    List<String> warnings = new ArrayList<>();
    new StartChecks(pipeline, warnings::add).checkUnchangedValues(List.of(query));
    return warnings;
  }

  @Test
  void warnsOnceOfEachColumnThatAKeyedSinkMayTakeForNull() throws Exception {
    assertThat(warnings("default", "cassandra", "id", "prices", "names", "op", "unchanged"))
        .containsExactly(
            "warning: output 'mirror', column 'prices' (array<double>): a long value that an update"
                + " does not touch arrives as null, and the sink removes it. Run ALTER TABLE ..."
                + " REPLICA IDENTITY FULL and set table.replica-identity: full.");
    assertThat(warnings("default", "cassandra", "id", "prices", "moments", "op", "unchanged"))
        .hasSize(2);
    assertThat(warnings("full", "cassandra", "id", "prices", "moments", "op")).isEmpty();
    assertThat(warnings("default", "parquet", "id", "prices", "moments", "op")).isEmpty();
  }

  @Test
  void warnsOfSqlThatLeavesOutWhatWasNotSent() throws Exception {
    assertThat(warnings("default", "cassandra", "id", "names", "op"))
        .containsExactly(
            "warning: output 'mirror': its SQL leaves out the column 'unchanged', so a value that an"
                + " update did not send is removed from the sink. Select 'unchanged', too.");
    assertThat(warnings("default", "cassandra", "id", "names")).isEmpty();
  }
}
