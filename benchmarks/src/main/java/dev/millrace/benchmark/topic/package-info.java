/** The messages that every contender reads, and the topics that hold them. */
package dev.millrace.benchmark.topic;
