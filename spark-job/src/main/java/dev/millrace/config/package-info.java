/**
 * Pipeline file, environment and flags to immutable records.
 *
 * <p>{@link dev.millrace.config.PipelineLoader} alone does I/O; all else is pure. May import {@code
 * event} and {@code error}, and of Spark the data types only.
 */
package dev.millrace.config;
