/**
 * Pipeline file, environment and flags to the records of {@code config}; the loaders alone do I/O.
 */
package dev.millrace.config.parse;
