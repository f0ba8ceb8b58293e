/**
 * What sources, lookups and sinks of Cassandra share: sessions, requests that wait for the cluster,
 * types and values in both directions. Imports config, error and retry only.
 */
package dev.millrace.cassandra;
