package dev.millrace.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.event.DecodeCounts;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.UUID;
import org.apache.spark.sql.streaming.SinkProgress;
import org.apache.spark.sql.streaming.SourceProgress;
import org.apache.spark.sql.streaming.StateOperatorProgress;
import org.apache.spark.sql.streaming.StreamingQueryListener.QueryProgressEvent;
import org.apache.spark.sql.streaming.StreamingQueryProgress;
import org.junit.jupiter.api.Test;

class ProgressReporterTest {

  private static final UUID QUERY = UUID.fromString("00000000-0000-4000-8000-000000000001");

  private final StringWriter seen = new StringWriter();
  private final ProgressReporter reporter =
      new ProgressReporter(new PrintWriter(seen, true), "orders");

  @Test
  void printsEveryBatchAlsoWhereTheNextIsCountedBeforeItsEventComes() {
    reporter.counted(QUERY, 7, new DecodeCounts(10, 1, 0));
    reporter.counted(QUERY, 8, new DecodeCounts(20, 0, 2));
    reporter.onQueryProgress(progress(7));
    reporter.onQueryProgress(progress(8));

    assertThat(seen.toString().lines().map(line -> line.substring(line.indexOf(' ') + 1)))
        .containsExactly(
            "orders -> parquet, batch 7: 11 read = 10 changes + 1 rejected + 0 skipped, in 2.0 s"
                + " (6/s), no lag",
            "orders -> parquet, batch 8: 22 read = 20 changes + 0 rejected + 2 skipped, in 2.0 s"
                + " (11/s), no lag");
  }

  @Test
  void printsTheStateOfViewsAndWhatTheyLeaveOut() {
    reporter.counted(QUERY, 7, new DecodeCounts(10, 0, 0));
    reporter.counted(QUERY, 7, new StateCounts(1_234, 7, 345_678, 500, 0));
    reporter.onQueryProgress(progress(7));
    reporter.counted(QUERY, 8, new DecodeCounts(10, 0, 0));
    reporter.counted(QUERY, 8, new StateCounts(2_000_000, 7, 1_260_000_000L, 1_000, 3));
    reporter.onQueryProgress(progress(8));

    assertThat(seen.toString().lines().map(line -> line.substring(line.indexOf(" (5/s), "))))
        .containsExactly(
            " (5/s), state of 1,234 rows and 7 groups in 345.7 kB took 25%, no lag",
            " (5/s), 3 dead letters of views, state of 2,000,000 rows and 7 groups in 1.3 GB took"
                + " 50%, no lag");
  }

  @Test
  void countsTheChangesThatWereLeftOutAsRepeated() {
    reporter.counted(QUERY, 7, new DecodeCounts(10, 1, 0));
    reporter.repeated(QUERY, 7, 4);
    reporter.unstorable(QUERY, 7, 1);
    reporter.counted(QUERY, 8, new DecodeCounts(20, 0, 2));
    reporter.repeated(QUERY, 8, 0);
    reporter.onQueryProgress(progress(7));
    reporter.onQueryProgress(progress(8));

    assertThat(seen.toString().lines().map(line -> line.substring(line.indexOf(" rejected"))))
        .containsExactly(
            " rejected + 0 skipped, 4 repeated, 1 row of the result unstorable, in 2.0 s (6/s), no"
                + " lag",
            " rejected + 2 skipped, in 2.0 s (11/s), no lag");
  }

  @Test
  void tellsOnceThatChangesCannotBeRecognised() {
    reporter.unrecognisable("first");
    reporter.unrecognisable("first");
    reporter.unrecognisable("second");

    assertThat(seen.toString().lines())
        .extracting(line -> line.substring(0, line.indexOf(" lack")))
        .containsExactly("first: messages in orders", "second: messages in orders");
  }

  @Test
  void printsABatchOnce() {
    reporter.counted(QUERY, 7, new DecodeCounts(10, 1, 0));
    reporter.onQueryProgress(progress(7));
    reporter.onQueryProgress(progress(7));
    reporter.onQueryProgress(progress(8));

    assertThat(seen.toString().lines()).hasSize(1);
  }

  @Test
  void countsTheRowsThatASinkCannotStore() {
    reporter.counted(QUERY, 7, new DecodeCounts(10, 1, 0));
    reporter.unstorable(QUERY, 7, 3);
    reporter.counted(QUERY, 8, new DecodeCounts(20, 0, 2));
    reporter.unstorable(QUERY, 8, 0);
    // No messages: the rows of a window that was closed.
    reporter.counted(QUERY, 9, new DecodeCounts(0, 0, 0));
    reporter.unstorable(QUERY, 9, 1_000);
    reporter.onQueryProgress(progress(7));
    reporter.onQueryProgress(progress(8));
    reporter.onQueryProgress(progress(9));

    assertThat(seen.toString().lines().map(line -> line.substring(line.indexOf(' ') + 1)))
        .containsExactly(
            "orders -> parquet, batch 7: 11 read = 10 changes + 1 rejected + 0 skipped, 3 rows of"
                + " the result unstorable, in 2.0 s (6/s), no lag",
            "orders -> parquet, batch 8: 22 read = 20 changes + 0 rejected + 2 skipped, in 2.0 s"
                + " (11/s), no lag",
            "orders -> parquet, batch 9: 0 read = 0 changes + 0 rejected + 0 skipped, 1,000 rows of"
                + " the result unstorable, in 2.0 s (0/s), no lag");
  }

  @Test
  void beginsALineWithDateAndSecondsAlsoAtAWholeMinute() {
    ProgressReporter onTheMinute =
        new ProgressReporter(
            new PrintWriter(seen, true),
            "orders",
            Clock.fixed(Instant.parse("2026-11-29T12:22:00.417Z"), ZoneOffset.UTC));
    onTheMinute.counted(QUERY, 7, new DecodeCounts(10, 1, 0));
    onTheMinute.onQueryProgress(progress(7));

    assertThat(seen.toString()).startsWith("2026-11-29T12:22:00Z orders -> parquet, batch 7: ");
  }

  private static QueryProgressEvent progress(long batch) {
    SourceProgress source =
        new SourceProgress("", "", "", "", 0, 0, 0, Map.of("maxOffsetsBehindLatest", "0"));
    return new QueryProgressEvent(
        new StreamingQueryProgress(
            QUERY,
            QUERY,
            "orders -> parquet",
            "2026-11-21T17:00:00.000Z",
            batch,
            2_000,
            Map.of(),
            Map.of(),
            new StateOperatorProgress[0],
            new SourceProgress[] {source},
            new SinkProgress("", -1, Map.of()),
            Map.of()));
  }
}
