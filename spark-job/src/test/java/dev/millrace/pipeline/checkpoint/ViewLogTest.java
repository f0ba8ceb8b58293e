package dev.millrace.pipeline.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.error.UserException;
import dev.millrace.pipeline.checkpoint.ViewLog.Entry;
import dev.millrace.pipeline.checkpoint.ViewLog.Views;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which views a run's first batch makes, delivers whole, and forgets, from what was before. */
public class ViewLogTest {

  private static final String COUNT = "SELECT count(*) AS n FROM t";
  private static final String SUM = "SELECT sum(x) AS s FROM t";

  @TempDir Path folder;

  private ViewLog log;

  @BeforeEach
  void open() throws Exception {
    log =
        new ViewLog(
            FileContext.getFileContext(folder.toUri(), new Configuration()),
            new org.apache.hadoop.fs.Path(folder.resolve("views").toUri()));
  }

  private static Entry wanted(String name, String sql, String sink) {
    return new Entry(0, name, sql, sink);
  }

  private static final Entry A = wanted("a", COUNT, "topic a");
  private static final Entry B = wanted("b", SUM, "topic b");

  @Test
  void everyViewOfTheFirstRunIsNew() {
    Views views = log.enter(0, List.of(A, B));

    assertThat(views.entries()).extracting(Entry::id).containsExactly(1, 2);
    assertThat(views.added()).containsExactlyInAnyOrder("a", "b");
    assertThat(views.whole()).isEmpty();
    assertThat(views.removed()).isEmpty();
  }

  @Test
  void aLaterRunOfTheSameViewsHasNothingToMake() {
    log.enter(0, List.of(A, B));

    Views views = log.enter(7, List.of(A, B));

    assertThat(views.entries()).extracting(Entry::id).containsExactly(1, 2);
    assertThat(views.added()).isEmpty();
    assertThat(views.whole()).isEmpty();
    assertThat(views.removed()).isEmpty();
  }

  @Test
  void aNewViewIsMadeAndTheOthersStay() {
    log.enter(0, List.of(A));

    Views views = log.enter(7, List.of(B, A));

    assertThat(views.entries()).extracting(Entry::id).containsExactly(2, 1);
    assertThat(views.added()).containsExactly("b");
    assertThat(views.whole()).isEmpty();
    assertThat(views.removed()).isEmpty();
  }

  @Test
  void aRemovedViewIsForgottenAndItsNumberIsNeverUsedAgain() {
    log.enter(0, List.of(A, B));

    Views without = log.enter(7, List.of(A));
    Views back = log.enter(9, List.of(A, B));

    assertThat(without.removed()).containsExactly(2);
    assertThat(without.added()).isEmpty();
    assertThat(back.entries()).extracting(Entry::id).containsExactly(1, 3);
    assertThat(back.added()).containsExactly("b");
    assertThat(back.removed()).isEmpty();
  }

  @Test
  void aViewWhoseSqlChangedIsANewOneAndTheOldOneIsForgotten() {
    log.enter(0, List.of(A));

    Views views = log.enter(7, List.of(wanted("a", SUM, "topic a")));

    assertThat(views.entries()).extracting(Entry::id).containsExactly(2);
    assertThat(views.added()).containsExactly("a");
    assertThat(views.resumed()).containsExactly("a");
    assertThat(views.removed()).containsExactly(1);
  }

  @Test
  void aForgottenViewIsNewToTheStateAndHasFedItsSink() {
    log.enter(0, List.of(A, B));
    log.forget(7);

    Views views = log.enter(8, List.of(A, B, wanted("c", COUNT, "topic c")));

    assertThat(views.added()).containsExactlyInAnyOrder("a", "b", "c");
    assertThat(views.resumed()).containsExactlyInAnyOrder("a", "b");
    assertThat(views.entries()).extracting(Entry::id).containsExactly(3, 4, 5);
  }

  @Test
  void sqlThatOnlyHasOtherLineBreaksIsTheSame() {
    log.enter(0, List.of(A));

    Views views = log.enter(7, List.of(wanted("a", "SELECT count(*) AS n\n  FROM t\n", "topic a")));

    assertThat(views.entries()).extracting(Entry::id).containsExactly(1);
    assertThat(views.added()).isEmpty();
  }

  @Test
  void aViewThatGoesToAnotherSinkIsDeliveredWholeFromTheState() {
    log.enter(0, List.of(A, B));

    Views views = log.enter(7, List.of(wanted("a", COUNT, "topic c"), B));

    assertThat(views.entries()).extracting(Entry::id).containsExactly(1, 2);
    assertThat(views.added()).isEmpty();
    assertThat(views.whole()).containsExactly("a");
    assertThat(views.removed()).isEmpty();
  }

  @Test
  void aSinkThatMissedBatchesGetsTheWholeResult() {
    log.enter(0, List.of(A, B));
    log.enter(7, List.of(A));

    assertThat(log.enter(9, List.of(A, B)).added()).containsExactly("b");
  }

  @Test
  void aBatchThatRunsAgainMakesAndForgetsTheSame() {
    log.enter(0, List.of(A, wanted("c", COUNT, "topic c")));
    List<Entry> changed = List.of(A, wanted("c", COUNT, "topic d"), B);

    Views first = log.enter(7, changed);
    Views again = log.enter(7, changed);

    assertThat(again).isEqualTo(first);
    assertThat(again.added()).containsExactly("b");
    assertThat(again.whole()).containsExactly("c");
  }

  @Test
  void viewsMustNotChangeWhileABatchIsUnfinished() {
    log.enter(0, List.of(A));
    log.enter(7, List.of(A, B));

    assertThatThrownBy(() -> log.enter(7, List.of(B)))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("batch 7 was begun with other views")
        .hasMessageContaining("--available-now");
  }

  @Test
  void theStateOfABatchHasTheViewsOfTheRunThatItBelongsTo() {
    log.enter(0, List.of(A));
    log.enter(7, List.of(A, B));

    assertThat(log.after(6)).extracting(Entry::name).containsExactly("a");
    assertThat(log.after(7)).extracting(Entry::name).containsExactly("a", "b");
    assertThat(log.hasAny(Set.of("b"))).isTrue();
    assertThat(log.hasAny(Set.of("c"))).isFalse();
  }
}
