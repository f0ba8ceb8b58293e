package dev.millrace.config.parse;

import java.util.ArrayList;
import java.util.List;

/**
 * What reading a configuration yields in addition to the records: its problems and its effective
 * values.
 *
 * <p>Readers continue after a problem, with a placeholder in the value's stead; so what was read is
 * good only if {@link #problems} is empty in the end.
 */
final class Reading {

  private final Problems problems;
  private final YamlParser yaml;
  private final List<Setting> settings = new ArrayList<>();

  Reading(Problems problems, YamlParser yaml) {
    this.problems = problems;
    this.yaml = yaml;
  }

  Problems problems() {
    return problems;
  }

  YamlParser yaml() {
    return yaml;
  }

  void effective(String key, String shown, Origin origin) {
    settings.add(new Setting(key, shown, origin));
  }

  List<Setting> settings() {
    return List.copyOf(settings);
  }
}
