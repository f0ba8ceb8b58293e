/**
 * Ride bookings, played into a Postgres table as a running service would write them.
 *
 * <p>From the seed to the changes everything is pure: {@link dev.millrace.simulator.RideGenerator}
 * draws rides, {@link dev.millrace.simulator.RideLife} tells what each does to its row, {@link
 * dev.millrace.simulator.RideChanges} brings the changes of all rides in order. Only {@link
 * dev.millrace.simulator.BookingWriter} knows SQL. {@link dev.millrace.simulator.RideSimulation} is
 * the entry for other modules; it plays the bookings of a {@link
 * dev.millrace.simulator.BookingsFile} as well.
 */
package dev.millrace.simulator;
