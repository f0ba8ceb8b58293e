/** Tables of Iceberg. */
package dev.millrace.sink.iceberg;
