/** The contender on Flink SQL, with a class path of its own. */
package dev.millrace.benchmark.flink;
