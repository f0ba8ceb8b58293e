package dev.millrace.launcher.result;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * What one person listened to in one hour; the queries follow the table's primary key.
 *
 * @param from the hour's begin
 */
public record SongsReport(String name, Instant from) {

  /** Enough rows to see that they are there. */
  public static final int FEW = 5;

  private static final String AVERAGE =
      "SELECT AVG(danceability) FROM spotify.records"
          + " WHERE name = ? AND timestamp >= ? AND timestamp < ?";
  private static final String SONGS =
      "SELECT timestamp, song, artists, danceability FROM spotify.records"
          + " WHERE name = ? AND timestamp >= ? AND timestamp < ?";
  private static final String RECORDS =
      "SELECT name, timestamp, song, artists, danceability, tempo, id FROM spotify.records LIMIT %d";

  /** The hour that ends now. */
  public static SongsReport hourUpTo(Instant end, String name) {
    return new SongsReport(name, end.minus(1, ChronoUnit.HOURS));
  }

  /** The report as text: every query with its result. */
  public String over(CqlSession session, int records) {
    Instant to = from.plus(Duration.ofHours(1));
    String all = RECORDS.formatted(records);
    return String.join(
        System.lineSeparator(),
        List.of(
            heading(AVERAGE, to),
            table(session, SimpleStatement.newInstance(AVERAGE, name, from, to)),
            "",
            heading(SONGS, to),
            table(session, SimpleStatement.newInstance(SONGS, name, from, to)),
            "",
            all,
            table(session, SimpleStatement.newInstance(all))));
  }

  /** The query as one would type it. */
  private String heading(String query, Instant to) {
    return query
        .replaceFirst("\\?", java.util.regex.Matcher.quoteReplacement(quoted(name)))
        .replaceFirst("\\?", quoted(from.truncatedTo(ChronoUnit.MILLIS).toString()))
        .replaceFirst("\\?", quoted(to.truncatedTo(ChronoUnit.MILLIS).toString()));
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private static String table(CqlSession session, SimpleStatement query) {
    return CqlRows.table(session.execute(query), Integer.MAX_VALUE);
  }
}
