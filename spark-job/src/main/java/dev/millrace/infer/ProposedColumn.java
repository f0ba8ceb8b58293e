package dev.millrace.infer;

import java.util.List;

/**
 * A column as it would be in a pipeline file.
 *
 * @param name a plain name that no other column has
 * @param from the name of the message's field
 * @param doubts what a person should look at, a sentence each; empty where nothing is doubtful
 */
record ProposedColumn(String name, String from, ProposedType type, List<String> doubts) {

  ProposedColumn {
    doubts = List.copyOf(doubts);
  }
}
