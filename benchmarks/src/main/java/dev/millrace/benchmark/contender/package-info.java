/**
 * What is compared. Each contender is a process of its own; the class path of all but Flink's is
 * the job's jar, Spark's and this module's.
 */
package dev.millrace.benchmark.contender;
