package dev.millrace.config.parse;

/**
 * One effective value of a pipeline, as {@code validate} shows it.
 *
 * @param key the dotted path that {@code --set} takes
 * @param value as it was written or defaulted; a secret is masked already
 */
public record Setting(String key, String value, Origin origin) {}
