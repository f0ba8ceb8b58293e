/**
 * Side-by-side measurements: {@code topic} fills topics, {@code contender} holds what reads them,
 * each in a process of its own, {@code measure} runs and times it, {@code report} writes the
 * result, {@code statistics} has the medians and percentiles that they share.
 */
package dev.millrace.benchmark;
