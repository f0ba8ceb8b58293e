/**
 * Dead letters after their delivery: listed, exported, corrected and replayed. May import what
 * {@code pipeline} may.
 */
package dev.millrace.deadletter;
