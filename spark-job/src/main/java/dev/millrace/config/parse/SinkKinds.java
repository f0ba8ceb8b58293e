package dev.millrace.config.parse;

import dev.millrace.config.ValueParser;
import dev.millrace.config.Values;
import java.util.List;

/** The kinds of sinks that pipeline files may choose from. */
record SinkKinds(List<SinkKind> all) {

  /** Where an output goes that chooses none. */
  static final String DEFAULT = "console";

  static final String DEFAULT_FOR_DEAD_LETTERS = "parquet";

  SinkKinds {
    all = List.copyOf(all);
  }

  ValueParser<SinkKind> parser() {
    return Values.oneOf(all, SinkKind::spelling);
  }

  List<SinkKind> forDeadLetters() {
    return all.stream().filter(SinkKind::holdsDeadLetters).toList();
  }
}
