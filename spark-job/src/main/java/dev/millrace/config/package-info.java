/**
 * A pipeline as immutable records; {@code config.parse} makes them of the pipeline file.
 *
 * <p>Pure. May import {@code event} and {@code error}, and of Spark the data types only.
 */
package dev.millrace.config;
