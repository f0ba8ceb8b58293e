package dev.millrace.deadletter;

import dev.millrace.deadletter.DeadLetter.Position;
import java.util.Comparator;

/**
 * A dead letter that can be decoded now.
 *
 * @param lsn position of its change in Postgres' write-ahead log; null where it is not sent
 */
record ReplayCandidate(DeadLetter letter, Long lsn) {

  static final Comparator<ReplayCandidate> OLDEST_FIRST =
      Comparator.comparing(ReplayCandidate::lsn, Comparator.nullsFirst(Comparator.naturalOrder()))
          .thenComparing(each -> each.letter().timestamp())
          .thenComparing(each -> each.origin().offset());

  /** Where the message stood at first: a reject may itself have been a replay. */
  Position origin() {
    return ReplayOrigin.origin(letter.headers()).orElse(letter.position());
  }

  /**
   * Whether a change of the same key is newer than this one, or is this one itself.
   *
   * @param position where it stood at first
   */
  boolean isSupersededBy(Position position, Long otherLsn) {
    Position origin = origin();
    boolean isLater =
        position.topic().equals(origin.topic())
            && position.partition() == origin.partition()
            && position.offset() > origin.offset();
    if (lsn == null || otherLsn == null || lsn.equals(otherLsn)) {
      return isLater;
    }
    return otherLsn > lsn;
  }
}
