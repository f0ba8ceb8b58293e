package dev.millrace.pipeline.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.millrace.config.KafkaSourceDefinition;
import dev.millrace.config.OutputDefinition;
import dev.millrace.config.PipelineDefinition;
import dev.millrace.config.SourceDefinition;
import dev.millrace.config.TableDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a position stands for: whose it is, of which topics, and what is made of them. Kept in a
 * file of the checkpoint and compared before every start. Immutable.
 *
 * @param format version of this record
 * @param topics Kafka's identities of the topics that are read, by name
 * @param sinkTopics the same of the topics that the sinks of the query keep
 * @param columns of the table, by name, and how each is read
 * @param decoding what else decides how messages are read
 * @param sql empty where every row is delivered as it was decoded; blanks outside of quotes don't
 *     count
 */
public record RunFingerprint(
    int format,
    String pipeline,
    String output,
    String sink,
    Map<String, String> topics,
    Map<String, String> sinkTopics,
    Map<String, String> columns,
    String decoding,
    String sql,
    List<String> key,
    String mode,
    String scope,
    String watermark) {

  /** The version that this program writes. */
  static final int FORMAT = 1;

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern QUOTED_OR_BLANK =
      Pattern.compile("'(?:[^'\\\\]|\\\\.)*'|\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`|(\\s+)");

  /** The fingerprint of a query; its sinks' topics are not known yet. */
  static RunFingerprint of(
      PipelineDefinition pipeline, OutputDefinition output, Map<String, String> topics) {
    TableDefinition table = pipeline.table();
    Map<String, String> columns = new TreeMap<>();
    table.columns().forEach(column -> columns.put(column.name(), column.toString()));
    return new RunFingerprint(
        FORMAT,
        pipeline.name(),
        output.name(),
        output.sink().kind(),
        topics,
        Map.of(),
        columns,
        // What is to be done about an error may change: an error's own fix requires it.
        "%s %s %s %s"
                .formatted(
                    table.textEncoding(),
                    new TreeSet<>(table.nullTokens()),
                    table.missingField(),
                    table.hasBefore())
            + keyForm(pipeline.source())
            + deduplication(pipeline.source(), output),
        output.sql().map(RunFingerprint::withoutBlanks).orElse(""),
        output.key(),
        output.mode().name(),
        output.scope().name(),
        output.watermark().map(Objects::toString).orElse(""));
  }

  /** Nothing for a source without keys, so that positions of older versions stay valid. */
  private static String keyForm(SourceDefinition source) {
    return source instanceof KafkaSourceDefinition kafka
        ? kafka.messageKey().map(form -> " key " + form).orElse("")
        : "";
  }

  /** Nothing where repeated changes are delivered, for the same reason. */
  private static String deduplication(SourceDefinition source, OutputDefinition output) {
    boolean ignoresRepeats = CheckpointLayout.isOfViews(output) || output.isOrdered();
    return source
        .deduplicationWindow()
        .filter(window -> !ignoresRepeats)
        .map(window -> " deduplicate " + window)
        .orElse("");
  }

  private static String withoutBlanks(String sql) {
    return QUOTED_OR_BLANK
        .matcher(sql.strip())
        .replaceAll(
            found -> Matcher.quoteReplacement(found.group(1) == null ? found.group() : " "));
  }

  RunFingerprint withSinkTopics(Map<String, String> found) {
    return new RunFingerprint(
        format, pipeline, output, sink, topics, found, columns, decoding, sql, key, mode, scope,
        watermark);
  }

  /** Whose the position is: {@code pipeline p, output o, sink s}. */
  String owner() {
    return "pipeline %s, output %s, sink %s".formatted(pipeline, output, sink);
  }

  /** What differs in how messages become rows, each in a few words; empty for nothing. */
  List<String> differences(RunFingerprint other, Set<String> neededColumns) {
    List<String> differences = new ArrayList<>();
    Set<String> names = new TreeSet<>(columns.keySet());
    names.addAll(other.columns.keySet());
    names.retainAll(neededColumns);
    for (String name : names) {
      if (!Objects.equals(columns.get(name), other.columns.get(name))) {
        differences.add("column " + name);
      }
    }
    add(differences, "how the table is read", decoding, other.decoding);
    add(differences, "sql", sql, other.sql);
    add(differences, "key", key, other.key);
    add(differences, "mode", mode, other.mode);
    add(differences, "scope", scope, other.scope);
    add(differences, "watermark", watermark, other.watermark);
    return List.copyOf(differences);
  }

  private static void add(List<String> differences, String what, Object before, Object now) {
    if (!before.equals(now)) {
      differences.add(what);
    }
  }

  String toJson() {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads {@link #toJson}.
   *
   * @throws IllegalArgumentException for anything else
   */
  static RunFingerprint parse(String json) {
    try {
      RunFingerprint parsed = JSON.readValue(json, RunFingerprint.class);
      if (parsed.pipeline() == null || parsed.topics() == null || parsed.columns() == null) {
        throw new IllegalArgumentException("not a fingerprint");
      }
      return parsed;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** The version of a fingerprint of any version. */
  static int formatOf(String json) {
    try {
      return JSON.readTree(json).path("format").asInt();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
