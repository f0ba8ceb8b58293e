package dev.millrace.event;

import org.apache.spark.sql.types.StructType;

/**
 * What SQL reads: the rows of a source.
 *
 * @param name the name under which SQL knows it
 * @param columns all columns that it can have
 */
public record Relation(String name, StructType columns) {}
