package dev.millrace.benchmark.report;

import java.util.List;

/**
 * Under which conditions something was measured.
 *
 * @param date of the day, as ISO 8601 writes it
 * @param what names the files of the result: {@code throughput}, {@code growth}
 * @param flags of the virtual machines of all contenders; the checkout's own place is left out
 */
public record Setup(
    String date,
    String what,
    Machine machine,
    List<String> flags,
    int rounds,
    int warmUps,
    String compression) {

  public Setup {
    flags = flags.stream().filter(flag -> !flag.startsWith("-Dmillrace.home=")).toList();
  }

  /** The name of the result's files, without extension. */
  String name() {
    return date + "-" + what;
  }
}
