package dev.millrace.config.parse;

import java.util.List;
import java.util.Optional;

/**
 * What flags say about a pipeline. Flags beat the environment, which beats the file, which beats
 * the defaults.
 *
 * @param sink kind of sink for every chosen output
 * @param settings {@code key.path=value}, later ones beat earlier ones and {@code sink}. Below
 *     {@code options} and {@code conf} the rest of the path is one key, dots and all. A value that
 *     stands for a list or a mapping is written as YAML: {@code [id, op]}, {@code {type: bigint}}
 * @param trigger replaces the trigger of the file
 */
public record Overrides(
    OutputChoice outputs,
    Optional<String> sink,
    List<String> settings,
    Optional<TriggerOverride> trigger,
    Optional<String> checkpoints) {

  public Overrides {
    settings = List.copyOf(settings);
  }

  /** No flags: the file and the environment decide, and the first output is chosen. */
  public static Overrides none() {
    return new Overrides(
        new OutputChoice.First(), Optional.empty(), List.of(), Optional.empty(), Optional.empty());
  }

  /** The flags {@code --all-outputs --available-now}. */
  public static Overrides allAvailableNow() {
    return new Overrides(
        new OutputChoice.All(),
        Optional.empty(),
        List.of(),
        Optional.of(TriggerOverride.AVAILABLE_NOW),
        Optional.empty());
  }

  /** A trigger that has a flag of its own. */
  public enum TriggerOverride {
    AVAILABLE_NOW
  }

  /** Which of a file's outputs a run has. */
  public sealed interface OutputChoice {

    /** The first of the file. */
    record First() implements OutputChoice {}

    /** All of the file. */
    record All() implements OutputChoice {}

    /** Those named, in the order of the file. */
    record Named(List<String> names) implements OutputChoice {
      public Named {
        names = List.copyOf(names);
      }
    }
  }
}
