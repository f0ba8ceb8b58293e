/**
 * Aggregates whose values leave as well as arrive, and what a group keeps for them.
 *
 * <pre>
 *   count, sum, avg, stddev     sums                               in the group's record
 *   min, max, DISTINCT          each value with how often it is    the smallest ones in the group's record,
 *                               there, in order                    the others in an index in the store
 * </pre>
 *
 * <p>Imports {@code state}; nothing of the views above it.
 */
package dev.millrace.view.aggregate;
