package dev.millrace.config;

import dev.millrace.error.FileErrors;
import dev.millrace.error.UserErrors;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How CSV is written: as RFC 4180 has it, but for what {@code options} change. Their names are
 * those of Spark's options and ignore case. Immutable.
 *
 * @param separator between two values; one character or more
 * @param quote around a value; doubled within it
 * @param escape within quotes, before a quote or itself, which then stand for themselves; empty
 *     where only doubled quotes do
 * @param comment with which a line begins that is not a record; empty for none
 * @param hasHeader whether the first record names the columns
 * @param encoding of files without a byte-order mark
 * @param nullText a value without quotes that means null, in addition to one without characters; it
 *     is how null is written
 * @param trimsStart whether blanks before a value are removed
 * @param trimsEnd whether blanks after a value are removed
 * @param lineSeparator behind a record that is written; those that are read end with LF, CR LF or
 *     CR
 */
public record CsvDialect(
    String separator,
    char quote,
    Optional<Character> escape,
    Optional<Character> comment,
    boolean hasHeader,
    Charset encoding,
    Optional<String> nullText,
    boolean trimsStart,
    boolean trimsEnd,
    String lineSeparator) {

  private static final String SEPARATOR = "sep";
  private static final String QUOTE = "quote";
  private static final String ESCAPE = "escape";
  private static final String COMMENT = "comment";
  private static final String HEADER = "header";
  private static final String ENCODING = "encoding";
  private static final String NULL_VALUE = "nullValue";
  private static final String TRIM_START = "ignoreLeadingWhiteSpace";
  private static final String TRIM_END = "ignoreTrailingWhiteSpace";
  private static final String LINE_SEPARATOR = "lineSep";

  /** The options of files that are read. */
  static final List<String> NAMES =
      List.of(
          SEPARATOR, QUOTE, ESCAPE, COMMENT, HEADER, ENCODING, NULL_VALUE, TRIM_START, TRIM_END);

  /** The options of files that are written, all of which can be read with the same. */
  private static final List<String> NAMES_OF_SINK =
      List.of(SEPARATOR, QUOTE, HEADER, ENCODING, NULL_VALUE, LINE_SEPARATOR);

  private static final Map<String, String> LINE_SEPARATORS =
      Map.of("\n", "\n", "\\n", "\n", "\r\n", "\r\n", "\\r\\n", "\r\n", "\r", "\r", "\\r", "\r");

  private static final Map<String, String> SYNONYMS =
      Map.of("delimiter", SEPARATOR, "charset", ENCODING);

  /** The dialect that options choose, each of which {@link #parser} has accepted. */
  public static CsvDialect of(Map<String, String> options) {
    char quote = option(options, QUOTE).map(CsvDialect::character).orElse('"');
    return new CsvDialect(
        option(options, SEPARATOR).map(CsvDialect::separator).orElse(","),
        quote,
        option(options, ESCAPE).map(CsvDialect::character).filter(escape -> escape != quote),
        option(options, COMMENT).map(CsvDialect::character),
        option(options, HEADER).map(CsvDialect::bool).orElse(true),
        option(options, ENCODING).map(CsvDialect::charset).orElse(StandardCharsets.UTF_8),
        option(options, NULL_VALUE),
        option(options, TRIM_START).map(CsvDialect::bool).orElse(false),
        option(options, TRIM_END).map(CsvDialect::bool).orElse(false),
        option(options, LINE_SEPARATOR).map(LINE_SEPARATORS::get).orElse("\n"));
  }

  /** Why an option of a sink is rejected; empty where it is known. */
  public static Optional<String> objectionOfSink(String option) {
    Optional<String> known = name(option);
    if (known.filter(ESCAPE::equals).isPresent()) {
      return Optional.of(UserErrors.reservedOption(option, FileErrors.quotesAreDoubled()));
    }
    return known.filter(NAMES_OF_SINK::contains).isPresent()
        ? Optional.empty()
        : Optional.of(UserErrors.unknownKey(option, NAMES_OF_SINK));
  }

  /** Why files of the dialect could not be read back; empty where they can. */
  public static Optional<String> contradictionOfSink(CsvDialect dialect) {
    String nullText = dialect.nullText().orElse("");
    String special = dialect.separator() + dialect.quote() + "\r\n";
    if (nullText.chars().anyMatch(found -> special.indexOf(found) >= 0)
        || !nullText.equals(nullText.strip())) {
      return Optional.of(FileErrors.ambiguousNullText());
    }
    return dialect.encoding().canEncode()
            && dialect
                .encoding()
                .newEncoder()
                .canEncode(dialect.separator() + dialect.quote() + nullText)
        ? Optional.empty()
        : Optional.of(FileErrors.unwritableDialect(dialect.encoding().name()));
  }

  /** Why an option of files that are read is rejected; empty where it is known. */
  public static Optional<String> objection(String option) {
    Optional<String> known = name(option);
    if (known.filter(LINE_SEPARATOR::equals).isPresent()) {
      return Optional.of(UserErrors.reservedOption(option, FileErrors.anyLineBreak()));
    }
    return known.isPresent() ? Optional.empty() : Optional.of(UserErrors.unknownKey(option, NAMES));
  }

  /** What the value of an option may be. */
  public static ValueParser<String> parser(String option) {
    return text -> {
      switch (name(option).orElse("")) {
        case SEPARATOR -> separator(text);
        case QUOTE, COMMENT, ESCAPE -> character(text);
        case HEADER, TRIM_START, TRIM_END -> bool(text);
        case ENCODING -> charset(text);
        case LINE_SEPARATOR -> {
          if (!LINE_SEPARATORS.containsKey(text)) {
            throw new IllegalArgumentException(FileErrors.expectLineSeparator());
          }
        }
        default -> {
          // Any text.
        }
      }
      return text;
    };
  }

  /** What is wrong with options of which each is valid by itself. */
  public static Optional<String> contradiction(Map<String, String> options) {
    CsvDialect dialect = of(options);
    String others =
        dialect.comment().map(Object::toString).orElse("")
            + dialect.escape().map(Object::toString).orElse("")
            + dialect.quote();
    boolean isAmbiguous =
        others.chars().distinct().count() < others.length()
            || others.chars().anyMatch(found -> dialect.separator().indexOf(found) >= 0);
    return isAmbiguous ? Optional.of(FileErrors.ambiguousDialect()) : Optional.empty();
  }

  private static Optional<String> name(String option) {
    String known = SYNONYMS.getOrDefault(option.toLowerCase(Locale.ROOT), option);
    return Stream.concat(NAMES.stream(), Stream.of(LINE_SEPARATOR))
        .filter(known::equalsIgnoreCase)
        .findFirst();
  }

  private static Optional<String> option(Map<String, String> options, String name) {
    return options.entrySet().stream()
        .filter(option -> name(option.getKey()).filter(name::equals).isPresent())
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static String separator(String text) {
    // As Spark has it: YAML without quotes has no other way to write a tab.
    String separator = text.equals("\\t") ? "\t" : text;
    if (separator.isEmpty() || separator.chars().anyMatch(CsvDialect::isLineBreak)) {
      throw new IllegalArgumentException(FileErrors.expectSeparator());
    }
    return separator;
  }

  private static char character(String text) {
    if (text.length() != 1 || isLineBreak(text.charAt(0))) {
      throw new IllegalArgumentException(FileErrors.expectCharacter());
    }
    return text.charAt(0);
  }

  private static boolean isLineBreak(int character) {
    return character == '\n' || character == '\r';
  }

  private static boolean bool(String text) {
    return Values.bool(text.toLowerCase(Locale.ROOT));
  }

  private static Charset charset(String text) {
    try {
      return Charset.forName(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(FileErrors.expectEncoding(), e);
    }
  }
}
