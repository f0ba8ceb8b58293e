/** Medians and percentiles of figures. */
package dev.millrace.benchmark.statistics;
