/** Results as data, as a table and as a chart. Pure but for {@code ResultFiles}. */
package dev.millrace.benchmark.report;
