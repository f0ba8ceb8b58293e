package dev.millrace.deadletter;

/**
 * A file that was not taken.
 *
 * @param file its name, without the folder
 * @param message what is wrong with it, for a person
 */
public record RejectedFile(String file, String message) {}
