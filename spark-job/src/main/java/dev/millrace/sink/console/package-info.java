/** Rows as a table on the console. */
package dev.millrace.sink.console;
