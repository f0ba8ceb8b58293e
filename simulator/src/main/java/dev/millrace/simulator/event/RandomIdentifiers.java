package dev.millrace.simulator.event;

import java.util.Random;
import java.util.UUID;

/** Identifiers that come from a seed. */
public final class RandomIdentifiers {

  private RandomIdentifiers() {}

  /** Of version 4, as {@link UUID#randomUUID()} gives, but drawn from {@code random}. */
  public static UUID uuid(Random random) {
    long mostSignificant = (random.nextLong() & ~0xF000L) | 0x4000L;
    long leastSignificant = (random.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | Long.MIN_VALUE;
    return new UUID(mostSignificant, leastSignificant);
  }
}
