package dev.millrace.error;

import java.nio.charset.Charset;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.apache.commons.lang3.StringUtils;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * The catalogue: every message a user can meet is made here.
 *
 * <p>A message says where (file and line, key, topic and offset), what value was found, what was
 * expected and how to mend it. Secrets never enter a message.
 */
public final class UserErrors {

  private UserErrors() {}

  // ------------------------------------------------------------------ configuration

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

  public static String emptyFile() {
    return "the file is empty. Describe a pipeline: name, source, table, outputs.";
  }

  public static String notAPipeline(String found) {
    return "a pipeline is a mapping of keys, found " + found + ".";
  }

  public static String yamlSyntax(String problem) {
    return "not valid YAML: " + problem + ".";
  }

  public static String yamlSyntax(String context, int contextLine, String problem) {
    return yamlSyntax(context + " (line " + contextLine + "), " + problem);
  }

  public static String yamlCharacter(int codePoint) {
    return String.format(
        Locale.ROOT, "not valid YAML: the character U+%04X is not allowed. Remove it.", codePoint);
  }

  public static String recursiveAlias() {
    return "the alias refers to what it is part of. Write the value out.";
  }

  public static String keyIsNoText() {
    return "a key is no text. Write KEY: VALUE.";
  }

  public static String duplicateKey(int firstLine) {
    return "duplicate key, first on line " + firstLine + ". Remove one of the two.";
  }

  public static String unsetVariable(String name) {
    return "the environment variable "
        + name
        + " is not set. Set it, or write a default: ${"
        + name
        + ":-default}.";
  }

  public static String malformedReference() {
    return "'${' opens no reference. Write ${NAME} or ${NAME:-default}, the default without braces,"
        + " or $${ for the characters themselves.";
  }

  public static String unknownKey(String key, Collection<String> allowed) {
    return "unknown key '" + key + "'. " + oneOf(key, allowed);
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

  public static String expectColumnName() {
    return "Use letters, digits and underscores, no digit first.";
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

  public static String expectDecimal() {
    return "Use decimal(PRECISION,SCALE), the precision from 1 to 38, the scale not above it.";
  }

  public static String unknownPlaceholder(String placeholder) {
    return "'" + placeholder + "' is no placeholder. {output}, the output's name, is the only one.";
  }

  public static String reservedColumn(String own, String column) {
    return "the name is taken: every change has a column '"
        + own
        + "'. Use another name, with 'from: "
        + column
        + "' for the field.";
  }

  public static String duplicateColumn(String first) {
    return "SQL does not tell this name from '" + first + "'. Rename one of the two.";
  }

  public static String unitNotAllowed(String type) {
    return withArticle(type) + " has no unit. Remove it.";
  }

  public static String encodingNotAllowed(String type) {
    return withArticle(type)
        + " has no encoding, only a decimal has. Remove it, or write text-encoding for what its"
        + " text is wrapped in.";
  }

  public static String beforeNotAllowed() {
    return "only Debezium's changes have an old row. Remove it, or set source.format: debezium-json.";
  }

  public static String expectArray() {
    return "Use array<TYPE>, such as array<int>.";
  }

  public static String arrayOfArrays() {
    return "Debezium does not send arrays of arrays. Use array<TYPE> of a type that is no array.";
  }

  public static String noEntries(String what) {
    return "empty. Name at least one " + what + ".";
  }

  public static String duplicateItem(String item) {
    return "'" + item + "' stands twice. Remove one of the two.";
  }

  public static String unknownColumn(String column, Collection<String> columns) {
    return "no column '" + column + "'. " + oneOf(column, columns);
  }

  public static String watermarkNeedsTimestamp(String column, String type) {
    return "the column '" + column + "' is a " + type + ". Use a timestamp.";
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

  public static String tableNotAllowed(Collection<String> columns) {
    return "the rows of this source have columns of their own"
        + (columns.isEmpty() ? "" : ": " + String.join(", ", columns))
        + ". Remove the table.";
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

  public static String replaysNeedChanges() {
    return "works with the format debezium-json only. Remove the key.";
  }

  public static String readsItsOwnOutput(String topic) {
    return "would write to '" + topic + "', the topic that it reads. Use another.";
  }

  // ------------------------------------------------------------------ command line

  public static String settingWithoutValue(String setting) {
    return "'" + setting + "' has no value. Write --set key.path=value.";
  }

  public static String settingBelowValue(String parent, String found) {
    return "'" + parent + "' is " + found + " and has no keys. Set it as a whole.";
  }

  public static String unknownOutput(String output, Collection<String> outputs) {
    return "unknown output '" + output + "'. " + oneOf(output, outputs);
  }

  public static String missingCommand() {
    return "Missing command";
  }

  /** An option that the command does not have; {@code help} is the command that lists them. */
  public static UserException unknownOption(
      String option, Collection<String> options, String help, Throwable cause) {
    String name = option.replaceFirst("=.*", "");
    return wrongCommandLine(
        "unknown option '" + name + "'" + "." + didYouMean(name, options), help, cause);
  }

  /** The name of a command that there is not. */
  public static UserException unknownCommand(
      String command, Collection<String> commands, String help, Throwable cause) {
    return wrongCommandLine(
        "unknown command '" + command + "'. " + oneOf(command, commands), help, cause);
  }

  /** An argument too many. */
  public static UserException unexpectedArgument(String argument, String help, Throwable cause) {
    return wrongCommandLine("unexpected argument '" + argument + "'.", help, cause);
  }

  /** Any other command line that does not parse, in the words of the parser. */
  public static UserException invalidCommandLine(String problem, String help, Throwable cause) {
    String sentence = StringUtils.uncapitalize(problem.replaceFirst("^Error: ", ""));
    return wrongCommandLine(sentence + ".", help, cause);
  }

  private static UserException wrongCommandLine(String problem, String help, Throwable cause) {
    return new UserException(
        UserException.WRONG_INPUT, List.of(problem + " See '" + help + "'."), cause);
  }

  /** A defect of the program. */
  public static UserException unexpected(Throwable cause) {
    return new UserException(
        UserException.RUN_TIME,
        List.of("unexpected " + cause + ". This is a defect; --debug shows where."),
        cause);
  }

  private static String withArticle(String noun) {
    return ("aeio".indexOf(noun.charAt(0)) < 0 ? "a " : "an ") + noun;
  }

  private static String didYouMean(String found, Collection<String> choices) {
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
