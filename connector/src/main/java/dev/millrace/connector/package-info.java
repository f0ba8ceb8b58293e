/**
 * Debezium's Postgres connector with a restart of its own: {@link
 * dev.millrace.connector.MillracePostgresConnector}. The jar lies in the plugin folder of
 * Debezium's connector, whose classes it extends. Configuration and stored offsets are Debezium's.
 */
package dev.millrace.connector;
