package dev.millrace.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One output: one streaming query with a position of its own.
 *
 * @param sql over the relation {@code changes}; empty for every change as it was decoded
 * @param sqlPlace where the SQL stands, {@code FILE:LINE: outputs.NAME.sql}, for error messages
 * @param key columns of the result that identify a row; the key of a record in Kafka
 */
public record OutputDefinition(
    String name,
    Optional<String> sql,
    String sqlPlace,
    Mode mode,
    Scope scope,
    Optional<Watermark> watermark,
    List<String> key,
    SinkDefinition sink) {

  public OutputDefinition {
    key = List.copyOf(key);
  }

  /** Whether the order of the messages decides which row of a key its sink keeps. */
  public boolean isOrdered() {
    return sink.isByKey() || (sink.isGuarded() && !key.isEmpty() && scope == Scope.STREAM);
  }

  /** This output with the key of the source's rows, where it delivers those and names no key. */
  OutputDefinition withKeyOfRows(List<String> keyOfRows) {
    return sql.isPresent() || !key.isEmpty()
        ? this
        : new OutputDefinition(name, sql, sqlPlace, mode, scope, watermark, keyOfRows, sink);
  }

  /** Which rows of its result a query emits a batch. */
  public enum Mode {
    /** Rows that will never change. */
    APPEND,
    /** Rows that changed in this batch. */
    UPDATE,
    /** The whole result. */
    COMPLETE
  }

  /** What the SQL sees. */
  public enum Scope {
    /** The stream as a whole: aggregates continue from batch to batch. */
    STREAM,
    /** Each micro-batch by itself, so that {@code row_number()} and similar are allowed. */
    BATCH
  }

  /** How long the query waits for changes that are late by the event time in {@code column}. */
  public record Watermark(String column, Duration delay) {}
}
