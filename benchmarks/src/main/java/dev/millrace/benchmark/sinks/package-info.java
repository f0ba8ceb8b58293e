/** Runs contenders that bring a topic into a table, and compares the table with the messages. */
package dev.millrace.benchmark.sinks;
