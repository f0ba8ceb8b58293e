package dev.millrace.view;

import dev.millrace.view.plan.LookupRows;
import java.util.Map;

/**
 * The lookups of a batch by their names. Where they differ, the batch makes the results that depend
 * on them again. Driver only.
 *
 * @param before those that the state's version was made with; without those that no view had
 * @param now those that the batch makes the next version with
 */
public record BatchLookups(Map<String, LookupRows> before, Map<String, LookupRows> now) {

  /** For views without lookups. */
  public static final BatchLookups NONE = new BatchLookups(Map.of(), Map.of());

  public BatchLookups {
    before = Map.copyOf(before);
    now = Map.copyOf(now);
  }
}
