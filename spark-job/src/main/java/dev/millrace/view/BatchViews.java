package dev.millrace.view;

import java.io.Serializable;
import java.util.Set;

/**
 * What a batch has to do for its views besides the changes.
 *
 * @param added the names of views that the state does not have yet: they are made from all rows
 * @param whole the names of views whose whole result is to be delivered, as some sink lacks it
 */
record BatchViews(Set<String> added, Set<String> whole) implements Serializable {

  BatchViews {
    added = Set.copyOf(added);
    whole = Set.copyOf(whole);
  }

  boolean isNew(String view) {
    return added.contains(view);
  }

  /** Whether the result is delivered as a whole; that of a new view is. */
  boolean isWhole(String view) {
    return whole.contains(view) || added.contains(view);
  }
}
