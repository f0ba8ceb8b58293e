package dev.millrace.stack;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.millrace.stack.error.StackErrors;
import dev.millrace.stack.process.Component;
import dev.millrace.stack.process.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a data folder remembers of its stack, in {@code stack.json}: enough for another launcher to
 * use the stack, to stop it, or to clean up after it.
 *
 * @param launcher the process that the stack belongs to and ends with; null for a stack that
 *     outlives its launcher
 * @param complete whether the stack came up wholly
 * @param postgresPassword the superuser's, which is why only the owner may read the file
 * @param processes those that were started, dead or alive
 * @param companions processes that use the stack and end before it, by name, as they started
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record StackState(
    ProcessIdentity launcher,
    boolean complete,
    Ports ports,
    String postgresPassword,
    Map<Component, ProcessIdentity> processes,
    Map<String, ProcessIdentity> companions) {

  private static final ObjectMapper JSON = new ObjectMapper();

  StackState {
    processes = processes.isEmpty() ? new EnumMap<>(Component.class) : new EnumMap<>(processes);
    companions = new LinkedHashMap<>(companions);
  }

  /** Before the first process. */
  static StackState begun(ProcessIdentity launcher, Ports ports, String postgresPassword) {
    return new StackState(launcher, false, ports, postgresPassword, Map.of(), Map.of());
  }

  static Path file(Path dataFolder) {
    return dataFolder.resolve("stack.json");
  }

  /** Empty where no stack was started in this folder, or where it was stopped in order. */
  static Optional<StackState> load(Path dataFolder) {
    Path file = file(dataFolder);
    try {
      return Files.exists(file)
          ? Optional.of(JSON.readValue(file.toFile(), StackState.class))
          : Optional.empty();
    } catch (IOException e) {
      throw StackErrors.unreadableFile(file, e);
    }
  }

  static void delete(Path dataFolder) {
    try {
      Files.deleteIfExists(file(dataFolder));
    } catch (IOException e) {
      throw StackErrors.unwritableFolder(dataFolder, e);
    }
  }

  /** Replaces the file as a whole, so that a reader at any moment sees one state. */
  void save(Path dataFolder) {
    Path file = file(dataFolder);
    Path replacement = dataFolder.resolve("stack.json.new");
    try {
      Files.deleteIfExists(replacement);
      Files.createFile(
          replacement,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.write(replacement, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(this));
      Files.move(replacement, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw StackErrors.unwritableFolder(dataFolder, e);
    }
  }

  /** Whether a launcher still owns it, or whether it outlived its launcher and still stands. */
  @JsonIgnore
  boolean isRunning() {
    return launcher == null
        ? complete && processes.values().stream().allMatch(ProcessIdentity::isAlive)
        : launcher.isAlive();
  }

  /** Whether it runs, or what is left of it does and nobody has stopped it. */
  @JsonIgnore
  boolean isStanding() {
    boolean outlived =
        launcher == null
            && complete
            && processes.values().stream().anyMatch(ProcessIdentity::isAlive);
    return outlived || isRunning();
  }

  StackState with(Component component, ProcessIdentity process) {
    Map<Component, ProcessIdentity> changed = new EnumMap<>(processes);
    changed.put(component, process);
    return new StackState(launcher, complete, ports, postgresPassword, changed, companions);
  }

  StackState withCompanion(String name, ProcessIdentity process) {
    Map<String, ProcessIdentity> changed = new LinkedHashMap<>(companions);
    changed.put(name, process);
    return new StackState(launcher, complete, ports, postgresPassword, processes, changed);
  }

  StackState completed() {
    return new StackState(launcher, true, ports, postgresPassword, processes, companions);
  }

  StackState outlivingItsLauncher() {
    return new StackState(null, complete, ports, postgresPassword, processes, companions);
  }
}
