package dev.millrace.config.parse;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.KafkaSourceDefinition.Format;
import dev.millrace.config.KafkaSourceDefinition.KeyForm;
import dev.millrace.config.PostgresDefinition;
import dev.millrace.config.Values;
import dev.millrace.error.PostgresErrors;
import dev.millrace.error.UserErrors;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads {@code source.kafka}. */
final class KafkaSourceParser {

  /** Instead of servers that are missing or wrong: what the Kafka sink takes for its default. */
  private static final String UNKNOWN_SERVERS = "unknown:9092";

  /** {@link KafkaSourceDefinition#DEFAULT_RETRY_TIMEOUT}, as a user would write it. */
  private static final String DEFAULT_RETRY_TIMEOUT = "2m";

  private static final String DEDUPLICATE = "deduplicate";

  private static final String OWN_KEY = "write it as source.kafka.";

  /** Spark's options that Millrace sets, and why; Spark's names ignore case. */
  private static final Map<String, String> RESERVED =
      Map.ofEntries(
          Map.entry("subscribe", OWN_KEY + "topic."),
          Map.entry("subscribepattern", "a pipeline reads one topic, source.kafka.topic."),
          Map.entry("assign", "a pipeline reads every partition of source.kafka.topic."),
          Map.entry("startingoffsets", OWN_KEY + "starting-offsets."),
          Map.entry("startingoffsetsbytimestamp", OWN_KEY + "starting-offsets."),
          Map.entry("startingtimestamp", OWN_KEY + "starting-offsets."),
          Map.entry("endingoffsets", "a stream has no end; see trigger.available-now."),
          Map.entry("maxoffsetspertrigger", OWN_KEY + "max-offsets-per-trigger."),
          Map.entry(
              "failondataloss",
              "messages that are lost end the run, and run --accept data-loss continues."),
          Map.entry("includeheaders", "dead letters carry the headers."),
          Map.entry("kafka.bootstrap.servers", OWN_KEY + "bootstrap-servers."),
          Map.entry(
              "kafka.isolation.level", "it reads committed records, for exactly-once delivery."),
          Map.entry("kafka.group.id", "every query has a group of its own; see groupIdPrefix."),
          Map.entry("kafka.auto.offset.reset", OWN_KEY + "starting-offsets."),
          Map.entry("kafka.enable.auto.commit", "a query's position is in its checkpoint."),
          Map.entry("kafka.key.deserializer", "the decoder reads bytes."),
          Map.entry("kafka.value.deserializer", "the decoder reads bytes."));

  /** Options of Spark's own that are left to the user. */
  private static final Set<String> PASSED =
      Set.of(
          "fetchoffset.numretries",
          "fetchoffset.retryintervalms",
          "groupidprefix",
          "kafkaconsumer.polltimeoutms",
          "maxtriggerdelay",
          "minoffsetspertrigger",
          "minpartitions");

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private KafkaSourceParser() {}

  /** Reads the settings of the source and, next to them, the format of its messages. */
  static KafkaSourceDefinition parse(Section source, Section kafka) {
    String topic = kafka.required("topic", Values::topic, "", UserErrors.expectTopic());
    Optional<String> replayTopic = kafka.optional("replay-topic", text -> Values.topic(text));
    if (replayTopic.isPresent() && replayTopic.get().equals(topic)) {
      kafka.problem("replay-topic", UserErrors.replaysIntoItsSource(topic));
    }
    Format format = source.optional("format", Values.oneOf(Format.class), "debezium-json");
    if (replayTopic.isPresent() && format != Format.DEBEZIUM_JSON) {
      kafka.problem("replay-topic", UserErrors.replaysNeedChanges());
    }
    Optional<KeyForm> key = kafka.optional("key", Values.oneOf(KeyForm.class));
    if (key.isPresent() && format != Format.JSON) {
      kafka.problem("key", UserErrors.keysNeedJson());
    }
    kafka.renamed("patience", "retry-timeout");
    return new KafkaSourceDefinition(
        kafka.required(
            "bootstrap-servers",
            Values::bootstrapServers,
            UNKNOWN_SERVERS,
            UserErrors.expectBootstrapServers()),
        topic,
        replayTopic,
        kafka.optional("starting-offsets", text -> startingOffsets(text, topic), "earliest"),
        kafka.optional("max-offsets-per-trigger", Values.number(1, Long.MAX_VALUE), "1000000"),
        kafka.options("options", KafkaSourceParser::objection),
        format,
        kafka.optional("retry-timeout", Values::duration, DEFAULT_RETRY_TIMEOUT),
        postgres(source, format),
        key.filter(form -> format == Format.JSON),
        deduplicationWindow(source, kafka.section("options"), format));
  }

  /** {@code deduplicate: true}, or a mapping with its window; empty where it is off. */
  private static Optional<Duration> deduplicationWindow(
      Section source, Section options, Format format) {
    Duration window = KafkaSourceDefinition.DEFAULT_DEDUPLICATION_WINDOW;
    if (source.hasMapping(DEDUPLICATE)) {
      Section deduplicate = source.section(DEDUPLICATE);
      window = deduplicate.optional("window", KafkaSourceParser::window, window.toMinutes() + "m");
      deduplicate.finish();
    } else if (!source.optional(DEDUPLICATE, Values::bool, "false")) {
      return Optional.empty();
    }
    if (format != Format.DEBEZIUM_JSON) {
      source.problem(DEDUPLICATE, UserErrors.repeatsNeedChanges());
    }
    options.keys().stream()
        .filter(option -> option.equalsIgnoreCase("minPartitions"))
        .forEach(option -> options.problem(option, UserErrors.splitsWhatIsDeduplicated()));
    return Optional.of(window);
  }

  private static Duration window(String text) {
    Duration window = Values.duration(text);
    if (window.isZero()) {
      throw new IllegalArgumentException(UserErrors.expectDeduplicationWindow());
    }
    return window;
  }

  /** The database behind the topic; none where the section is missing or its URL empty. */
  private static Optional<PostgresDefinition> postgres(Section source, Format format) {
    Section postgres = source.section("postgres");
    if (postgres.isEmpty()) {
      return Optional.empty();
    }
    if (format != Format.DEBEZIUM_JSON) {
      source.problem("postgres", PostgresErrors.notChanges());
    }
    String url =
        postgres.required("url", KafkaSourceParser::jdbcUrl, "", PostgresErrors.expectUrl());
    String user = postgres.optional("user", Values::text, "postgres");
    String password = postgres.optional("password", text -> text, "");
    String table = postgres.required("table", Values::text, "", UserErrors.expectText());
    Optional<String> publication = postgres.optional("publication", Values::text);
    Optional<String> slot = postgres.optional("slot", Values::text);
    postgres.finish();
    return url.isEmpty()
        ? Optional.empty()
        : Optional.of(new PostgresDefinition(url, user, password, table, publication, slot));
  }

  private static String jdbcUrl(String text) {
    return text.isEmpty() ? text : Values.postgresUrl(text);
  }

  private static Optional<String> objection(String option) {
    String spelled = option.toLowerCase(Locale.ROOT);
    if (RESERVED.containsKey(spelled)) {
      return Optional.of(UserErrors.reservedOption(option, RESERVED.get(spelled)));
    }
    return spelled.startsWith("kafka.") || PASSED.contains(spelled)
        ? Optional.empty()
        : Optional.of(UserErrors.unprefixedOption(option));
  }

  private static String startingOffsets(String text, String topic) {
    if (text.equals("earliest") || text.equals("latest")) {
      return text;
    }
    JsonNode offsets;
    try {
      offsets = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(UserErrors.expectOffsets(), e);
    }
    if (!offsets.isObject() || !offsets.elements().hasNext()) {
      throw new IllegalArgumentException(UserErrors.expectOffsets());
    }
    if (!topic.isEmpty() && (offsets.size() != 1 || !offsets.has(topic))) {
      throw new IllegalArgumentException(UserErrors.expectOffsetsOfTopic(topic));
    }
    for (JsonNode partitions : offsets) {
      partitions
          .fields()
          .forEachRemaining(
              partition -> {
                if (!partition.getKey().matches("\\d{1,9}")
                    || !partition.getValue().isIntegralNumber()) {
                  throw new IllegalArgumentException(UserErrors.expectOffsets());
                }
              });
      if (partitions.isEmpty()) {
        throw new IllegalArgumentException(UserErrors.expectOffsets());
      }
    }
    return text;
  }
}
