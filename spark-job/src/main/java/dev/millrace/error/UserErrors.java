package dev.millrace.error;

import java.nio.charset.Charset;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * The catalogue of what a user can meet, beginning with pipeline files and their values; the
 * package's other classes have the rest, by subject.
 *
 * <p>A message states where (file and line, key, topic and offset), what value was found, what was
 * expected and how to fix it. Secrets never enter a message.
 */
public final class UserErrors {

  private UserErrors() {}

  /** All problems of a pipeline file, its environment and the flags, found in one run. */
  public static UserException invalidConfiguration(List<String> problems) {
    return new UserException(UserException.WRONG_INPUT, problems, null);
  }

  /** A pipeline file that is not there, is a folder, or may not be read. */
  public static UserException unreadableFile(String file, String reason, Throwable cause) {
    return new UserException(
        UserException.WRONG_INPUT,
        List.of(at(file, "can't be read: " + reason + ". Name a pipeline file.")),
        cause);
  }

  /** A pipeline file whose bytes are not text in the charset. */
  public static UserException undecodableFile(String file, Charset charset, Throwable cause) {
    return new UserException(
        UserException.WRONG_INPUT,
        List.of(at(file, "is not " + charset + " text. Save it as " + charset + ".")),
        cause);
  }

  /** A problem of a place that has no key. */
  public static String at(String place, String problem) {
    return place + ": " + problem;
  }

  /** A problem of a key. */
  public static String at(String place, String key, String problem) {
    return place + ": " + key + ": " + problem;
  }

  public static String unknownKey(String key, Collection<String> allowed) {
    return "unknown key '" + key + "'. " + oneOf(key, allowed);
  }

  public static String renamedKey(String former, String key) {
    return "'" + former + "' is now called '" + key + "'. Rename it.";
  }

  public static String missingKey(String expectation) {
    return "missing. " + expectation;
  }

  public static String noValue(String expectation) {
    return "no value. " + expectation;
  }

  public static String removeKey() {
    return "Write a value, or remove the key.";
  }

  public static String removeItem() {
    return "Write a value, or remove the item; the text null needs quotes.";
  }

  public static String wrongShape(String expected, String found) {
    return "expected " + expected + ", found " + found + ".";
  }

  /**
   * A value that its key does not take.
   *
   * @param found the value, quoted or masked, and where it comes from if not from this place
   */
  public static String invalidValue(String found, String expectation) {
    return "invalid value " + found + ". " + expectation;
  }

  /** The choices, and the one that was probably meant. */
  public static String oneOf(String found, Collection<String> allowed) {
    return (allowed.size() == 1 ? "Use " : "Use one of ")
        + String.join(", ", allowed)
        + "."
        + didYouMean(found, allowed);
  }

  public static String expectText() {
    return "Use a text that is not empty.";
  }

  public static String expectName() {
    return "Use lower-case letters, digits and dashes, a letter first.";
  }

  public static String expectNumber(long least, long most) {
    return "Use a whole number from "
        + least
        + (most == Long.MAX_VALUE ? " upwards." : " to " + most + ".");
  }

  public static String expectBoolean() {
    return "Use true or false.";
  }

  public static String expectDuration() {
    return "Use a duration such as 500ms, 10 seconds, 1m or 2h.";
  }

  public static String expectBootstrapServers() {
    return "Use HOST:PORT, several with commas between.";
  }

  public static String expectTopic() {
    return "Use up to 249 letters, digits, dots, dashes and underscores.";
  }

  public static String expectOffsets() {
    return "Use earliest, latest or JSON: '{\"TOPIC\": {\"PARTITION\": OFFSET}}'.";
  }

  public static String expectOffsetsOfTopic(String topic) {
    return "The offsets must be those of the topic '" + topic + "' and of no other.";
  }

  public static String unknownPlaceholder(String placeholder) {
    return "'"
        + placeholder
        + "' is not a placeholder. {output}, the output's name, is the only one.";
  }

  public static String noEntries(String what) {
    return "empty. Name at least one " + what + ".";
  }

  public static String duplicateItem(String item) {
    return "'" + item + "' appears twice. Remove one of the two.";
  }

  public static String modeNeedsAggregation(String mode) {
    return "without sql every change is delivered once, so there is nothing to "
        + mode
        + ". Use append, or write sql.";
  }

  public static String batchScopeAppends(String mode) {
    return "with scope batch each micro-batch is answered by itself, so '"
        + mode
        + "' has no earlier result to go by. Use append.";
  }

  public static String batchScopeHasNoWatermark() {
    return "with scope batch nothing waits for late changes. Remove the watermark.";
  }

  /** A mode of results that change, over a source that feeds none. */
  public static String onlyAppend(String kind, String reason, String mode) {
    return "a source of "
        + kind
        + " feeds results that only grow, as "
        + reason
        + ": '"
        + mode
        + "' is not possible. Use append.";
  }

  public static String lookupOfText() {
    return "lines of text have no columns to join by. Use one of csv, json, parquet, orc.";
  }

  public static String lookupNamedAsRelation(String relation) {
    return "'" + relation + "' is the name of the source's rows. Use another name.";
  }

  public static String readsItsOwnFolder(String folder, String source) {
    return "would write to the folder '"
        + folder
        + "', which overlaps with '"
        + source
        + "', the one that is read. Use folders apart.";
  }

  public static String severalSources(Collection<String> sources) {
    return "a pipeline has one source, this one names "
        + String.join(" and ", sources)
        + ". Remove the others.";
  }

  public static String triggersExclude(String other) {
    return "excludes " + other + ". Keep one of the two.";
  }

  public static String reservedOption(String option, String reason) {
    return "Millrace sets '" + option + "' itself: " + reason;
  }

  public static String unprefixedOption(String option) {
    return "Spark would ignore '"
        + option
        + "': options of the Kafka consumer begin with 'kafka.'. Did you mean 'kafka."
        + option
        + "'?";
  }

  public static String prefixedOption(String option) {
    return "the producer's options have no prefix. Did you mean '" + option + "'?";
  }

  public static String notASparkOption() {
    return "Spark's options begin with 'spark.'.";
  }

  public static String overlappingFolders(String folder, String other, String otherFolder) {
    return "would write to the folder '"
        + folder
        + "', which overlaps with '"
        + otherFolder
        + "' of "
        + other
        + ". Use folders apart; {output} stands for the output's name.";
  }

  public static String replaysIntoItsSource(String topic) {
    return "is '" + topic + "', which is source.kafka.topic. Use a topic of its own.";
  }

  public static String keysNeedJson() {
    return "only JSON messages have keys of a form of their own. Remove it, or set source.format:"
        + " json.";
  }

  public static String replaysNeedChanges() {
    return "works with the format debezium-json only. Remove the key.";
  }

  public static String repeatsNeedChanges() {
    return "works with the format debezium-json only: other messages have no position in Postgres"
        + " that tells a repeated one. Remove the key.";
  }

  public static String expectDeduplicationWindow() {
    return "Use a time above zero, such as 10m; 'deduplicate: false' turns it off.";
  }

  public static String splitsWhatIsDeduplicated() {
    return "splits the partitions of the topic, and source.deduplicate needs each as a whole."
        + " Remove one of the two.";
  }

  public static String readsItsOwnOutput(String topic) {
    return "would write to '" + topic + "', the topic that it reads. Use another.";
  }

  /** A defect of the program. */
  public static UserException unexpected(Throwable cause) {
    return new UserException(
        UserException.RUN_TIME,
        List.of("unexpected " + cause + ". This is a defect; --debug shows where."),
        cause);
  }

  static String didYouMean(String found, Collection<String> choices) {
    return closest(found, choices).map(choice -> " Did you mean '" + choice + "'?").orElse("");
  }

  private static Optional<String> closest(String found, Collection<String> choices) {
    String spelled = found.toLowerCase(Locale.ROOT);
    ToIntFunction<String> distance =
        choice ->
            LevenshteinDistance.getDefaultInstance()
                .apply(spelled, choice.toLowerCase(Locale.ROOT));
    return choices.stream()
        .filter(choice -> distance.applyAsInt(choice) <= (choice.length() + 3) / 3)
        .filter(choice -> distance.applyAsInt(choice) < found.length())
        .min(Comparator.comparingInt(distance));
  }
}
