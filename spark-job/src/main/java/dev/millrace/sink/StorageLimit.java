package dev.millrace.sink;

import org.apache.spark.sql.Column;

/**
 * What a sink can't store, stated before a row is written.
 *
 * @param isExceeded condition over the result's columns; true for rows that the sink can't store,
 *     null counts as false
 * @param column the column that is concerned; null where it is the row as a whole
 * @param reason what is wrong with such a row and how to fix it, for a person
 */
public record StorageLimit(Column isExceeded, String column, String reason) {}
