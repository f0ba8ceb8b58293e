/**
 * The table and its lookups as SQL for Postgres, so that the source can be asked the same as a
 * view.
 *
 * <p>Imports no other package of the pipeline.
 */
package dev.millrace.pipeline.postgres;
