/**
 * Plans of views: from SQL to what the state keeps, made on the driver, compiled on executors.
 *
 * <p>Imports the layout of the table's rows and the aggregates; reads no state.
 */
package dev.millrace.view.plan;
