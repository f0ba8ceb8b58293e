/** Rows to tables of Cassandra, by key. */
package dev.millrace.sink.cassandra;
