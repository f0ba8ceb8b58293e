/**
 * Views: SQL over the current rows of a table, kept as changes arrive.
 *
 * <pre>
 *   changes -> by key -> TableFold -> -old +new -> partial aggregates -> by group -> GroupFold -> result changes
 *                           |                                                           |
 *                      table state                                                 group state
 * </pre>
 *
 * <p>Imports {@code state}, {@code event}, {@code config} and {@code error}; no other stage.
 */
package dev.millrace.view;
