package dev.millrace.benchmark;

import dev.millrace.benchmark.measure.Case;
import dev.millrace.benchmark.measure.Program;
import dev.millrace.benchmark.topic.RideTopic;
import java.util.ArrayList;
import java.util.List;

/**
 * The contenders that were chosen.
 *
 * @param letters of {@link Program}
 * @param sinks {@code noop}, {@code parquet}
 */
record Contenders(List<String> letters, List<String> sinks) {

  private static final int ALL_COLUMNS = 24;
  private static final int GUIDE_COLUMNS = 6;

  Contenders {
    letters = List.copyOf(letters);
    sinks = List.copyOf(sinks);
  }

  /**
   * In the order of the letters.
   *
   * @param whole what the fast ones read
   * @param share what the slow ones read
   */
  List<Case> cases(RideTopic whole, RideTopic share) {
    List<Case> cases = new ArrayList<>();
    for (Program program : Program.values()) {
      if (!letters.contains(program.letter())) {
        continue;
      }
      switch (program) {
        case RAW, JACKSON -> cases.add(of(program, "", whole, 0, "none"));
        case SPARK_SOURCE -> cases.add(of(program, "", whole, 0, "noop"));
        case MILLRACE ->
            sinks.forEach(sink -> cases.add(of(program, "", whole, ALL_COLUMNS, sink)));
        case GUIDE -> {
          sinks.forEach(sink -> cases.add(of(program, "6", share, GUIDE_COLUMNS, sink)));
          sinks.forEach(sink -> cases.add(of(program, "24", share, ALL_COLUMNS, sink)));
        }
        case FLINK -> sinks.forEach(sink -> cases.add(of(program, "", share, ALL_COLUMNS, sink)));
      }
    }
    return cases;
  }

  private static Case of(
      Program program, String variant, RideTopic topic, int columns, String sink) {
    String process = program.letter() + variant;
    String name = sink.equals("none") ? process : process + "-" + sink;
    return new Case(name, program, process, topic, columns, sink);
  }
}
