/**
 * Finds the columns of a table that the pipeline file does not declare, and keeps them with the
 * checkpoints.
 */
package dev.millrace.table;
