/** Tables of Cassandra, read once from the first to the last of their token ranges. */
package dev.millrace.source.cassandra;
