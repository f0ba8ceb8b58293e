/** What a person reads of results: rows of Postgres and Cassandra, and tables of text. */
package dev.millrace.launcher.result;
