package dev.millrace.simulator.event;

/**
 * What a generator makes and a sink takes: a message of a topic, or a file of a folder.
 *
 * @param key the message's key, or the file's name
 * @param value the message's value, or the file's contents
 */
public record Event(String key, String value) {}
