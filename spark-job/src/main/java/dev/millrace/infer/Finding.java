package dev.millrace.infer;

import java.util.List;

/**
 * What was found out about a field.
 *
 * @param nullTokens texts that stand for null among its values
 * @param doubts what a person should look at, a sentence each
 */
record Finding(ProposedType type, List<String> nullTokens, List<String> doubts) {

  Finding {
    nullTokens = List.copyOf(nullTokens);
    doubts = List.copyOf(doubts);
  }

  static Finding sure(ProposedType type) {
    return new Finding(type, List.of(), List.of());
  }

  static Finding doubtful(ProposedType type, String doubt) {
    return new Finding(type, List.of(), List.of(doubt));
  }
}
