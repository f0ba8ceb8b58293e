/**
 * The rows of lookups: read, and kept until they change.
 *
 * <p>Imports {@code pipeline.batch} alone of the pipeline.
 */
package dev.millrace.pipeline.lookup;
