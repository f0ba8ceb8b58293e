/**
 * Proposes a pipeline's {@code table:} section: from the schema that a message carries, from its
 * values alone, or from what Postgres reports about the table.
 *
 * <p>Pure: the messages and rows are handed in. A type is proposed for values only if the decoder
 * reads them as that type, so the package imports {@code decode} in addition to {@code config},
 * {@code event} and {@code error}.
 */
package dev.millrace.infer;
