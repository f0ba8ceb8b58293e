/**
 * What a batch consists of before its SQL: which files or messages it has, and their rows, decoded.
 *
 * <p>Imports no other package of the pipeline.
 */
package dev.millrace.pipeline.batch;
