/** Who listens to what. */
package dev.millrace.simulator.songs;
