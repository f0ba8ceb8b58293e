package dev.millrace.decode;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MessageFuzzTest {

  /** -Dfuzz.messages=10000000 sets another number, -Dfuzz.seed=N repeats a run. */
  private static final long MESSAGES = Long.getLong("fuzz.messages", 200_000);

  @Test
  void accountsForEachMessageWhateverItHolds() {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    System.out.println("MessageFuzzTest: seed " + seed);
    long start = System.nanoTime();

    MessageFuzz.Outcomes outcomes = MessageFuzz.run(MESSAGES, seed);

    System.out.printf(
        "MessageFuzzTest: %s, in %.1f s%n", outcomes, (System.nanoTime() - start) / 1e9);

    assertThat(outcomes.read()).isEqualTo(MESSAGES);
    // Else the messages would show little.
    assertThat(outcomes.changes()).isGreaterThan(MESSAGES / 10);
    assertThat(outcomes.rejected()).isGreaterThan(MESSAGES / 10);
    assertThat(outcomes.skipped()).isPositive();
  }
}
