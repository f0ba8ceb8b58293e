/** Runs contenders in turn and keeps what they took. */
package dev.millrace.benchmark.measure;
