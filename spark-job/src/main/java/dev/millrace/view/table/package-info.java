/**
 * The rows of a table: its changes folded into the state, in the order of the source.
 *
 * <p>Knows nothing of views.
 */
package dev.millrace.view.table;
