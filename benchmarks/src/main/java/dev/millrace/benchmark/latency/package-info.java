/** The time from a commit in Postgres until a reader of a sink can see the row. */
package dev.millrace.benchmark.latency;
