package dev.millrace.simulator;

/**
 * What to play.
 *
 * @param seed the same seed gives the same rides and the same sequence of changes
 * @param rides how many bookings are inserted; {@link #ENDLESS} continues until stopped
 */
public record SimulationSettings(long seed, long rides, Pace pace) {

  /** More rides than any run can play. */
  public static final long ENDLESS = Long.MAX_VALUE;

  public SimulationSettings {
    if (rides < 1) {
      throw new IllegalArgumentException("rides must be 1 or more, is " + rides);
    }
  }
}
