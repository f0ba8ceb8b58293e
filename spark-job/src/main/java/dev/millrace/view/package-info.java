/**
 * Views: SQL over the current rows of a table, kept as changes arrive.
 *
 * <pre>
 *   changes -> by key -> TableFold -> -old +new -> partial aggregates -> by group -> GroupFold -> result changes
 *                           |                                                           |
 *                      table state                                                 group state
 * </pre>
 *
 * <p>{@code view.plan} has the plans, {@code view.table} the rows, {@code view.aggregate} what
 * groups keep. Imports {@code state}, {@code event}, {@code config}, {@code error} and {@code sql};
 * no other stage.
 */
package dev.millrace.view;
