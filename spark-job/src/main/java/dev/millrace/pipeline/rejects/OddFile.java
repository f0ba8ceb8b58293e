package dev.millrace.pipeline.rejects;

/**
 * A file that was not taken.
 *
 * @param file its name, without the folder
 * @param message what is wrong with it, for a person
 */
public record OddFile(String file, String message) {}
