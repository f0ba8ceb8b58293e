package dev.millrace.launcher.demo;

import java.time.Duration;
import java.util.Optional;

/**
 * What the user asked of a demo; what is empty is the scenario's to decide.
 *
 * @param time when to stop; empty for never
 * @param rows how many to make; empty for no end
 */
public record DemoSettings(
    Optional<Duration> time,
    Optional<Long> rows,
    Optional<Integer> rate,
    long seed,
    Optional<String> sink) {}
