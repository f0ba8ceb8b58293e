package dev.millrace.config.parse;

import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.LookupDefinition;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.SinkDefinition;
import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.config.SourceDefinition;
import dev.millrace.config.StateDefinition;
import dev.millrace.config.StateDefinition.Store;
import dev.millrace.config.TableDefinition;
import dev.millrace.config.TriggerDefinition;
import dev.millrace.config.TriggerDefinition.AvailableNow;
import dev.millrace.config.TriggerDefinition.Interval;
import dev.millrace.config.Values;
import dev.millrace.config.parse.ConfigNode.Mapping;
import dev.millrace.config.parse.Overrides.OutputChoice;
import dev.millrace.config.parse.SinkKind.SinkDefaults;
import dev.millrace.config.parse.SinkKind.SinkTemplate;
import dev.millrace.error.CassandraErrors;
import dev.millrace.error.UserErrors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keys and values to a pipeline; every problem on the way goes to the {@link Reading}. Pure. */
final class PipelineParser {

  private static final String DEAD_LETTERS = "dead-letters";

  /** The Kafka of a sink where the source is none. */
  private static final String DEFAULT_SERVERS = "localhost:9092";

  private final Reading reading;
  private final SinkKinds kinds;

  PipelineParser(Reading reading, SinkKinds kinds) {
    this.reading = reading;
    this.kinds = kinds;
  }

  /** The pipeline; good only if the reading has no problems. */
  PipelineDefinition parse(Mapping root, OutputChoice choice) {
    Section pipeline = Section.root(reading, root);
    String name = pipeline.required("name", Values::name, "", UserErrors.expectName());
    SourceDefinition source = SourceKind.parse(pipeline.section("source"));
    TableDefinition table = TableParser.parse(pipeline, source);
    String servers =
        source instanceof KafkaSourceDefinition kafka ? kafka.bootstrapServers() : DEFAULT_SERVERS;
    SinkDefaults outputDefaults =
        new SinkDefaults(servers, table.name().isPresent() ? name + ".{output}" : "processed-data");
    SinkDefaults deadLetterDefaults = new SinkDefaults(servers, name + "-" + DEAD_LETTERS);

    Section outputsSection = pipeline.section("outputs");
    Map<SinkKind, SinkTemplate> sinks = sinks(pipeline.section("sinks"), outputDefaults);
    OutputParser parser = new OutputParser(source, table, kinds, sinks);
    if (outputsSection.isEmpty()) {
      pipeline.problem("outputs", UserErrors.noEntries("output"));
    }
    List<OutputDefinition> outputs = outputs(outputsSection, parser, choice);
    List<LookupDefinition> lookups =
        LookupKind.parse(pipeline.section("lookups"), source.relationName());
    TriggerDefinition trigger = trigger(pipeline.section("trigger"), source);
    StateDefinition state = state(pipeline.section("state"));
    Section deadLettersSection = pipeline.section(DEAD_LETTERS);
    SinkDefinition deadLetters = deadLetters(deadLettersSection, deadLetterDefaults);
    Section spark = pipeline.section("spark");
    Map<String, String> sparkConf = spark.options("conf", PipelineParser::sparkObjection);
    spark.finish();
    String checkpoints = pipeline.optional("checkpoints", Values::text, "checkpoints");
    Optional<String> logFolder = pipeline.optional("log-folder", Values::text);
    pipeline.renamed("rejects", DEAD_LETTERS);
    pipeline.finish();

    checkPlaces(source, outputsSection, outputs, deadLettersSection, deadLetters);
    return new PipelineDefinition(
        name,
        source,
        table,
        outputs,
        deadLetters,
        trigger,
        sparkConf,
        checkpoints,
        lookups,
        state,
        logFolder);
  }

  private static StateDefinition state(Section state) {
    StateDefinition unset = StateDefinition.DEFAULT;
    Store store =
        state.optional("store", Values.oneOf(Store.class), Values.spelling(unset.store()));
    StateDefinition read =
        new StateDefinition(
            store,
            state
                .optional(
                    "partitions", Values.number(1, 10_000), Integer.toString(unset.partitions()))
                .intValue(),
            state.optional(
                "tombstone-retention", Values::duration, unset.tombstoneRetention().toDays() + "d"),
            memoryMegabytes(state, store),
            state.optional(
                "snapshots",
                Values.oneOf(StateDefinition.Snapshots.class),
                Values.spelling(unset.snapshots())),
            state
                .optional("shadow", Values.number(0, 1_000_000), Integer.toString(unset.shadow()))
                .intValue(),
            state.optional(
                "max-group-rows",
                Values.number(1, Integer.MAX_VALUE),
                Long.toString(unset.maxGroupRows())),
            state.optional(
                "on-sink-failure",
                Values.oneOf(StateDefinition.OnSinkFailure.class),
                Values.spelling(unset.onSinkFailure())));
    state.finish();
    return read;
  }

  /** The default is the store's: of one in memory it depends on the heap of the process. */
  private static int memoryMegabytes(Section state, Store store) {
    Optional<Long> given = state.optional("memory-megabytes", Values.number(16, 1_000_000));
    if (given.isEmpty() && !state.has("memory-megabytes")) {
      state.absent("memory-megabytes", store == Store.MEMORY ? "half of the heap" : "256");
    }
    return given.map(Long::intValue).orElse(StateDefinition.DEFAULT.memoryMegabytes());
  }

  private Map<SinkKind, SinkTemplate> sinks(Section section, SinkDefaults defaults) {
    Map<SinkKind, SinkTemplate> sinks = new HashMap<>();
    for (SinkKind kind : kinds.all()) {
      Section settings = section.section(kind.spelling());
      sinks.put(kind, kind.read(settings, defaults));
      settings.finish();
    }
    section.finish();
    return sinks;
  }

  private static List<OutputDefinition> outputs(
      Section section, OutputParser parser, OutputChoice choice) {
    List<OutputDefinition> chosen = new ArrayList<>();
    for (Section output : section.sections()) {
      OutputDefinition definition = parser.parse(section, output);
      if (isChosen(definition, choice, chosen)) {
        chosen.add(definition);
      }
    }
    return chosen;
  }

  private static boolean isChosen(
      OutputDefinition output, OutputChoice choice, List<OutputDefinition> chosen) {
    if (choice instanceof OutputChoice.Named named) {
      return named.names().contains(output.name());
    }
    return choice instanceof OutputChoice.All || chosen.isEmpty();
  }

  private static TriggerDefinition trigger(Section trigger, SourceDefinition source) {
    if (source.isBounded() && trigger.has("interval")) {
      trigger.problem("interval", CassandraErrors.endsByItself());
    }
    boolean isAvailableNow =
        trigger.optional("available-now", Values::bool, Boolean.toString(source.isBounded()));
    if (!isAvailableNow && !source.isBounded()) {
      Duration interval = trigger.optional("interval", Values::duration, "0s");
      trigger.finish();
      return new Interval(interval);
    }
    trigger.allow("interval");
    trigger.finish();
    boolean isFlag = trigger.origin("available-now").kind() == Origin.Kind.FLAG;
    if (trigger.has("interval") && !isFlag && !source.isBounded()) {
      trigger.problem("available-now", UserErrors.triggersExclude(trigger.path("interval")));
    }
    return new AvailableNow();
  }

  private SinkDefinition deadLetters(Section deadLetters, SinkDefaults defaults) {
    List<SinkKind> possible = kinds.forDeadLetters();
    SinkKind chosen =
        deadLetters.optional(
            "sink", Values.oneOf(possible, SinkKind::spelling), SinkKinds.DEFAULT_FOR_DEAD_LETTERS);
    SinkTemplate sink = chosen.read(deadLetters, defaults);
    // Keys of the other kinds are allowed, so that a flag can switch the sink.
    for (SinkKind other : possible) {
      if (!other.equals(chosen)) {
        other.read(deadLetters.withoutEffect(), defaults);
      }
    }
    deadLetters.finish();
    return sink.forOutput(DEAD_LETTERS);
  }

  private static Optional<String> sparkObjection(String option) {
    if (option.equals("spark.sql.streaming.checkpointLocation")) {
      return Optional.of(UserErrors.reservedOption(option, "write it as checkpoints."));
    }
    return option.startsWith("spark.")
        ? Optional.empty()
        : Optional.of(UserErrors.notASparkOption());
  }

  /**
   * Refuses folders of two queries that overlap, where readers of one would find the files of the
   * other, and a sink that feeds the source.
   */
  private static void checkPlaces(
      SourceDefinition source,
      Section outputs,
      List<OutputDefinition> chosen,
      Section deadLettersSection,
      SinkDefinition deadLetters) {
    Map<String, String> folders = new LinkedHashMap<>();
    for (OutputDefinition output : chosen) {
      checkPlace(source, output.sink(), folders, outputs, output.name());
    }
    checkPlace(source, deadLetters, folders, deadLettersSection, "sink");
  }

  private static void checkPlace(
      SourceDefinition source,
      SinkDefinition sink,
      Map<String, String> folders,
      Section section,
      String key) {
    if (sink instanceof FileSink files) {
      folders.forEach(
          (folder, other) -> {
            if (Values.overlap(folder, files.path())) {
              section.problem(key, UserErrors.overlappingFolders(files.path(), other, folder));
            }
          });
      folders.putIfAbsent(files.path(), section.path(key));
    }
    source.objectionTo(sink).ifPresent(problem -> section.problem(key, problem));
  }
}
