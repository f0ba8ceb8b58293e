package dev.millrace.pipeline;

import dev.millrace.error.ViewErrors;
import dev.millrace.pipeline.ViewComparison.Difference;
import dev.millrace.pipeline.ViewOutputs.ViewOutput;
import dev.millrace.state.StateStores;
import dev.millrace.view.StoredViews;
import dev.millrace.view.plan.LookupRows;
import dev.millrace.view.plan.ViewPlanner;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Compares the results that the state has with what Spark makes of the same SQL over the table's
 * rows. Costs O(table). Driver only.
 */
final class ViewShadow {

  private final ViewOutputs views;
  private final StateStores stores;
  private final Consumer<String> say;

  ViewShadow(ViewOutputs views, StateStores stores, Consumer<String> say) {
    this.views = views;
    this.stores = stores;
    this.say = say;
  }

  /**
   * Compares every view as of a version.
   *
   * @param viewIds the number of each view in the state
   * @param lookups of the version
   * @param micros what SQL calls now(), in microseconds since 1970
   * @throws dev.millrace.error.UserException with the first row that differs
   */
  void compare(
      SparkSession session,
      long batchId,
      List<Integer> viewIds,
      Map<String, LookupRows> lookups,
      long micros) {
    SparkSession own = session.newSession();
    own.conf().set("spark.sql.ansi.enabled", "true");
    StoredViews stored = new StoredViews(views.layout(), stores, batchId + 1, lookups);
    lookups.forEach((name, rows) -> rows.dataset(own).createOrReplaceTempView("`" + name + "`"));
    stored.table(own).createOrReplaceTempView("`" + views.layout().name() + "`");
    for (int i = 0; i < viewIds.size(); i++) {
      ViewOutput view = views.all().get(i);
      String name = view.output().name();
      List<Row> expected;
      try {
        expected =
            ViewPlanner.batch(own, view.output().sql().orElseThrow(), micros).collectAsList();
      } catch (RuntimeException e) {
        // A row for which an expression fails is a dead letter of the view; it ends a batch query.
        say.accept(ViewErrors.notCompared(name, batchId, e));
        continue;
      }
      List<Difference> differences =
          ViewComparison.of(
                  view.plan(),
                  batchId,
                  ViewComparison.Result.of(
                      stored.result(own, view.plan(), viewIds.get(i)).collectAsList()),
                  ViewComparison.Result.of(expected),
                  ViewComparison.ERROR_OF_SUMS)
              .differences();
      if (!differences.isEmpty()) {
        Difference first = differences.get(0);
        throw ViewErrors.shadowDiffers(
            name,
            batchId,
            differences.size(),
            List.of(view.plan().result().fieldNames()),
            first.kept(),
            first.other());
      }
    }
  }
}
