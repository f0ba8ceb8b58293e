package dev.millrace.decode;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MessageFuzzTest {

  /** A system property sets another number. */
  private static final long MESSAGES = Long.getLong("fuzz.messages", 200_000);

  @Test
  void accountsForEachMessageWhateverItHolds() {
    long seed = System.nanoTime();
    System.out.println("MessageFuzzTest: seed " + seed);

    MessageFuzz.Outcomes outcomes = MessageFuzz.run(MESSAGES, seed);

    assertThat(outcomes.read()).isEqualTo(MESSAGES);
    // Else the messages would show little.
    assertThat(outcomes.changes()).isGreaterThan(MESSAGES / 10);
    assertThat(outcomes.rejected()).isGreaterThan(MESSAGES / 10);
    assertThat(outcomes.skipped()).isPositive();
  }
}
