/** The decoder alone, by JMH. */
package dev.millrace.benchmark.decoder;
