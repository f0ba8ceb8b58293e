package dev.millrace.config;

import dev.millrace.config.SinkDefinition.FileSink;
import dev.millrace.error.FileErrors;
import dev.millrace.error.PostgresErrors;
import dev.millrace.error.TableErrors;
import dev.millrace.error.UserErrors;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.lang3.StringUtils;

/** What the values of a pipeline file may be. */
public final class Values {

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]*");
  private static final Pattern COLUMN_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final Pattern TOPIC = Pattern.compile("(?!\\.\\.?$)[A-Za-z0-9._-]{1,249}");
  private static final Pattern SERVER = Pattern.compile("([^\\s:,]+|\\[[0-9A-Fa-f:]+]):(\\d{1,5})");
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{[^}]*}?");
  private static final Pattern URI_OF_FOLDER =
      Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):(?://([^/]*))?(.*)");
  private static final Pattern DURATION = Pattern.compile("(\\d{1,12}) ?([a-z]+)");

  private Values() {}

  public static String text(String text) {
    return matching(!text.isBlank(), text, UserErrors.expectText());
  }

  /** The name of a pipeline or an output: it becomes part of paths and topics. */
  public static String name(String text) {
    return matching(isName(text), text, UserErrors.expectName());
  }

  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** Whether SQL takes the name without quotes. */
  /** The name of a relation in SQL. */
  public static String relationName(String text) {
    return matching(isColumnName(text), text, TableErrors.expectColumnName());
  }

  public static boolean isColumnName(String text) {
    return COLUMN_NAME.matcher(text).matches();
  }

  public static String topic(String text) {
    return matching(TOPIC.matcher(text).matches(), text, UserErrors.expectTopic());
  }

  /** A topic or path in which <code>{output}</code> stands for the output's name. */
  public static ValueParser<String> template(ValueParser<String> parser) {
    return text -> {
      Matcher placeholder = PLACEHOLDER.matcher(text);
      while (placeholder.find()) {
        if (!placeholder.group().equals("{output}")) {
          throw new IllegalArgumentException(UserErrors.unknownPlaceholder(placeholder.group()));
        }
      }
      parser.parse(text.replace("{output}", "output"));
      return text;
    };
  }

  public static String bootstrapServers(String text) {
    boolean areServers =
        Arrays.stream(text.split(",", -1))
            .map(server -> SERVER.matcher(server.strip()))
            .allMatch(server -> server.matches() && isPort(Integer.parseInt(server.group(2))));
    return matching(areServers, text, UserErrors.expectBootstrapServers());
  }

  private static boolean isPort(int port) {
    return port >= 1 && port <= 65_535;
  }

  public static boolean bool(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(UserErrors.expectBoolean());
    };
  }

  /** A JDBC URL of Postgres, in which no password may be. */
  public static String postgresUrl(String text) {
    return matching(
        text.startsWith("jdbc:postgresql:") && !text.contains("password="),
        text,
        PostgresErrors.expectUrl());
  }

  public static ValueParser<Long> number(long least, long most) {
    return text -> {
      try {
        long number = Long.parseLong(text);
        if (number >= least && number <= most) {
          return number;
        }
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(UserErrors.expectNumber(least, most), e);
      }
      throw new IllegalArgumentException(UserErrors.expectNumber(least, most));
    };
  }

  public static Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(UserErrors.expectDuration());
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms", "millisecond", "milliseconds" -> Duration.ofMillis(amount);
      case "s", "second", "seconds" -> Duration.ofSeconds(amount);
      case "m", "minute", "minutes" -> Duration.ofMinutes(amount);
      case "h", "hour", "hours" -> Duration.ofHours(amount);
      case "d", "day", "days" -> Duration.ofDays(amount);
      default -> throw new IllegalArgumentException(UserErrors.expectDuration());
    };
  }

  /** One of some values, each by the name that {@code spelling} gives it. */
  public static <T> ValueParser<T> oneOf(List<T> choices, Function<T, String> spelling) {
    return text ->
        choices.stream()
            .filter(choice -> spelling.apply(choice).equals(text))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        UserErrors.oneOf(text, choices.stream().map(spelling).toList())));
  }

  /** An enum's constants, {@code PYTHON_BYTES} spelled {@code python-bytes}. */
  public static <E extends Enum<E>> ValueParser<E> oneOf(Class<E> type) {
    return oneOf(List.of(type.getEnumConstants()), Values::spelling);
  }

  public static String spelling(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Whether one of two folders is the other or within it, however they are spelled: {@code
   * output/./all}, {@code output/all/} and {@code file:///.../output/all} are the same. Links are
   * not followed.
   */
  public static boolean overlap(String folder, String other) {
    String one = location(folder);
    String two = location(other);
    return one.startsWith(two) || two.startsWith(one);
  }

  /** A folder as scheme, authority and absolute path, which ends with a slash. */
  private static String location(String folder) {
    Matcher uri = URI_OF_FOLDER.matcher(folder);
    String scheme = "file";
    String authority = "";
    String path = folder;
    if (uri.matches()) {
      scheme = uri.group(1).toLowerCase(Locale.ROOT);
      authority = Objects.toString(uri.group(2), "");
      path = uri.group(3);
    }
    boolean isRelative = scheme.equals("file") && !path.startsWith("/");
    Deque<String> names = new ArrayDeque<>();
    for (String name :
        StringUtils.split(isRelative ? System.getProperty("user.dir") + "/" + path : path, '/')) {
      if (name.equals("..")) {
        names.pollLast();
      } else if (!name.equals(".")) {
        names.addLast(name);
      }
    }
    return scheme + "://" + authority + "/" + String.join("/", names) + "/";
  }

  /**
   * A folder whose file system renames a folder in one step, which the delivery of files rests on.
   * One without a scheme is of the default file system, which the sink checks when it opens.
   */
  public static String renamingFolder(String text) {
    Matcher uri = URI_OF_FOLDER.matcher(text(text));
    if (uri.matches()
        && !FileSink.RENAMING_SCHEMES.contains(uri.group(1).toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException(FileErrors.expectAtomicRename(FileSink.RENAMING_SCHEMES));
    }
    return text;
  }

  private static String matching(boolean matches, String text, String expectation) {
    if (!matches) {
      throw new IllegalArgumentException(expectation);
    }
    return text;
  }
}
