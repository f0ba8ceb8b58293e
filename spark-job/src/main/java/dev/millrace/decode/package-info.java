/**
 * From a message's bytes to typed columns, in one pass and without I/O, clock or log.
 *
 * <p>{@link dev.millrace.decode.Decode} is the way in on the driver; what runs on executors is the
 * Catalyst expression that it makes. May import the records of {@code config}, {@code event} and
 * {@code error}, Spark SQL and Debezium's constants; no other stage.
 */
package dev.millrace.decode;
