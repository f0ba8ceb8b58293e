/** Rows to topics of Kafka, each batch in transactions that hold the mark of what they deliver. */
package dev.millrace.sink.kafka;
