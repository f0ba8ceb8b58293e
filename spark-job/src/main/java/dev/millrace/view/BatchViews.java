package dev.millrace.view;

import dev.millrace.view.plan.LookupRows;
import dev.millrace.view.plan.ViewPlan;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.spark.broadcast.Broadcast;

/**
 * What a batch has to do for its views besides the changes.
 *
 * @param added the names of views that the state does not have yet: they are made from all rows
 * @param whole the names of views whose whole result is to be delivered, as some sink lacks it
 * @param lookupsBefore the lookups by their names, as the state's version has been made with them
 * @param lookupsNow the same as the batch makes the next version with them
 * @param micros when the batch began, in microseconds since 1970: what SQL calls now(), unless a
 *     batch before it was later
 */
record BatchViews(
    Set<String> added,
    Set<String> whole,
    Map<String, Broadcast<LookupRows>> lookupsBefore,
    Map<String, Broadcast<LookupRows>> lookupsNow,
    long micros)
    implements Serializable {

  BatchViews {
    added = Set.copyOf(added);
    whole = Set.copyOf(whole);
    lookupsBefore = Map.copyOf(lookupsBefore);
    lookupsNow = Map.copyOf(lookupsNow);
  }

  boolean isNew(String view) {
    return added.contains(view);
  }

  /** Whether the result is delivered as a whole; that of a new view is. */
  boolean isWhole(String view) {
    return whole.contains(view) || added.contains(view);
  }

  /** Whether a lookup of a view that the state has is another one than before. */
  boolean isLookupChanged(ViewPlan plan) {
    return !isNew(plan.name())
        && plan.lookups().keySet().stream()
            .anyMatch(
                lookup -> !version(lookupsBefore, lookup).equals(version(lookupsNow, lookup)));
  }

  private static String version(Map<String, Broadcast<LookupRows>> lookups, String name) {
    return lookups.get(name).value().version();
  }

  /** The lookups as the state's version has been made with them. Executor only. */
  Map<String, LookupRows> before() {
    return values(lookupsBefore);
  }

  /** The lookups as the next version is made with them. Executor only. */
  Map<String, LookupRows> now() {
    return values(lookupsNow);
  }

  private static Map<String, LookupRows> values(Map<String, Broadcast<LookupRows>> lookups) {
    Map<String, LookupRows> values = new HashMap<>();
    lookups.forEach((name, rows) -> values.put(name, rows.value()));
    return values;
  }
}
