/** Rows to tables of Postgres, each batch in one transaction with the mark of what is stored. */
package dev.millrace.sink.postgres;
