package dev.millrace.cli;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.parse.LoadedPipeline;
import dev.millrace.config.parse.Overrides;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.config.parse.PipelineLoader;
import dev.millrace.error.InferErrors;
import dev.millrace.pipeline.SinkConnectors;
import dev.millrace.table.InferenceSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code infer}. */
@Command(
    name = "infer",
    description = {
      "Proposes a pipeline's 'table:' section, ready to paste, from a topic's messages or from a"
          + " table of Postgres.",
      "The section goes to standard output, notes about it to standard error. For a pipeline file"
          + " they tell how its columns differ from what its topic has."
    },
    customSynopsis = {
      "millrace infer PIPELINE [--set KEY.PATH=VALUE]... [--sample N]",
      "       millrace infer --topic TOPIC [--bootstrap-servers LIST] [--sample N]",
      "       millrace infer --postgres URL --table SCHEMA.TABLE [--user USER] [--sample N]"
    },
    mixinStandardHelpOptions = true,
    versionProvider = Versions.class,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:a section was proposed",
      "1:failed at run time",
      "2:wrong input: the command line, the pipeline file, the environment"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace infer pipelines/ride-bookings.yaml",
      "  millrace infer --topic business_postgres.public.orders",
      "  PGPASSWORD=... millrace infer --postgres jdbc:postgresql://localhost/business \\",
      "    --user postgres --table public.orders"
    })
final class InferCommand implements Runnable {

  private static final String PASSWORD = "PGPASSWORD";
  private static final String USER = "PGUSER";
  private static final String SERVERS = "KAFKA_BOOTSTRAP_SERVERS";

  private final Map<String, String> environment;
  private final PipelineEngine engine;

  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "PIPELINE",
      description = "A pipeline file: its source is read, its table compared.")
  private String file;

  @Option(
      names = "--set",
      paramLabel = "KEY.PATH=VALUE",
      description = "Override any key of the pipeline file; repeatable.")
  private List<String> settings = List.of();

  @Option(names = "--topic", paramLabel = "TOPIC", description = "A topic of Debezium's messages.")
  private String topic;

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "LIST",
      description =
          "Its brokers, HOST:PORT with commas between; else " + SERVERS + " or localhost:9092.")
  private String bootstrapServers;

  @Option(
      names = "--postgres",
      paramLabel = "URL",
      description = "A JDBC URL; the password is taken from " + PASSWORD + ".")
  private String postgres;

  @Option(names = "--user", paramLabel = "USER", description = "Else " + USER + " or postgres.")
  private String user;

  @Option(
      names = "--table",
      paramLabel = "SCHEMA.TABLE",
      description = "A table of that database, such as public.orders.")
  private String table;

  @Option(
      names = "--sample",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Most messages or rows to read; default ${DEFAULT-VALUE}.")
  private int sample;

  InferCommand(Map<String, String> environment, PipelineEngine engine) {
    this.environment = environment;
    this.engine = engine;
  }

  @Override
  public void run() {
    require(
        Stream.of(file, topic, postgres).filter(Objects::nonNull).count() == 1,
        InferErrors.oneSource());
    require((postgres == null) == (table == null), InferErrors.postgresNeedsTable());
    require(sample > 0, InferErrors.expectSample());
    CommandLine commandLine = spec.commandLine();
    engine.infer(source(), sample, commandLine.getOut(), commandLine.getErr());
  }

  private InferenceSource source() {
    if (file != null) {
      Overrides overrides =
          new Overrides(
              new OutputChoice.All(),
              Optional.empty(),
              settings,
              Optional.empty(),
              Optional.empty());
      LoadedPipeline pipeline =
          new PipelineLoader(environment, SinkConnectors.STANDARD.kinds()).load(file, overrides);
      return new InferenceSource.OfPipeline(pipeline.definition());
    }
    if (topic != null) {
      String servers =
          bootstrapServers != null
              ? bootstrapServers
              : environment.getOrDefault(SERVERS, "localhost:9092");
      return new InferenceSource.OfTopic(
          new KafkaSourceDefinition(servers, topic, "earliest", sample, Map.of()));
    }
    require(!postgres.contains("password="), InferErrors.passwordInUrl());
    return new InferenceSource.OfPostgres(
        postgres,
        user != null ? user : environment.getOrDefault(USER, "postgres"),
        environment.getOrDefault(PASSWORD, ""),
        table);
  }

  private void require(boolean isRight, String problem) {
    if (!isRight) {
      throw new ParameterException(spec.commandLine(), problem);
    }
  }
}
