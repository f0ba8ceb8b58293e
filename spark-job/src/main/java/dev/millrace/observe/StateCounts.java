package dev.millrace.observe;

/**
 * What a batch of the views of a table found.
 *
 * @param rows of the table, after the batch
 * @param groups of all views
 * @param bytes of the keys and values of the state, before the store compresses them
 * @param millis how long the batch was busy with the state
 * @param deadLetters rows, groups and changes that were left out
 */
public record StateCounts(long rows, long groups, long bytes, long millis, long deadLetters) {}
