package dev.millrace.cli;

import dev.millrace.config.parse.Setting;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.lang3.StringUtils;
import org.apache.commons.text.WordUtils;

/** Effective values as a table: key, value, origin. */
final class SettingsTable {

  private static final String GAP = "  ";
  private static final int WIDEST_VALUE = 64;

  private SettingsTable() {}

  /** One line a setting; a value of several words that is too wide continues in the next line. */
  static String render(List<Setting> settings) {
    int keyWidth = width(settings.stream().map(Setting::key));
    int valueWidth = width(settings.stream().flatMap(setting -> lines(setting).stream()));
    Function<List<String>, String> line =
        cells ->
            (StringUtils.rightPad(cells.get(0), keyWidth)
                        + GAP
                        + StringUtils.rightPad(cells.get(1), valueWidth)
                        + GAP
                        + cells.get(2))
                    .stripTrailing()
                + System.lineSeparator();
    return Stream.concat(
            Stream.of(List.of("KEY", "VALUE", "ORIGIN")),
            settings.stream().flatMap(SettingsTable::rows))
        .map(line)
        .collect(Collectors.joining());
  }

  private static Stream<List<String>> rows(Setting setting) {
    List<String> lines = lines(setting);
    return Stream.concat(
        Stream.of(List.of(setting.key(), lines.get(0), setting.origin().label())),
        lines.stream().skip(1).map(continued -> List.of("", continued, "")));
  }

  private static List<String> lines(Setting setting) {
    String value = setting.value().replaceAll("\\s+", " ");
    return List.of(WordUtils.wrap(value, WIDEST_VALUE, "\n", false).split("\n", -1));
  }

  private static int width(Stream<String> cells) {
    return cells.mapToInt(String::length).max().orElse(0);
  }
}
