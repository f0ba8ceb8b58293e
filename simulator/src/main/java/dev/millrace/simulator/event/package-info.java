/**
 * Made-up events and where they go: an {@link dev.millrace.simulator.event.EventSimulation} hands
 * the events of an iterator to an {@link dev.millrace.simulator.event.EventSink} at a pace.
 */
package dev.millrace.simulator.event;
