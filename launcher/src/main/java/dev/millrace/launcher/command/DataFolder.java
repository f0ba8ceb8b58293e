package dev.millrace.launcher.command;

import dev.millrace.launcher.error.LauncherErrors;
import dev.millrace.stack.LocalStack;
import dev.millrace.stack.LocalStackOptions;
import dev.millrace.stack.process.Component;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which stack a command is about. */
final class DataFolder {

  private static final String DEFAULT_PASSWORD_OF_POSTGRES = "postgres";
  private static final String DEFAULT_PASSWORD_OF_DEBEZIUM = "debezium";

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      description = "What the stack keeps. Default: .local-stack/stack in the project.")
  private Path chosen;

  /** Of the chosen folder, with passwords from the environment. */
  LocalStackOptions options() {
    return options(chosen == null ? inProject("stack") : chosen);
  }

  /** The running stack: of the chosen folder, else the one of {@code stack up}, else the demo's. */
  LocalStack requireRunning() {
    return running().orElseThrow(() -> LauncherErrors.notRunning(folders().get(0)));
  }

  /** The same; fails where it does not consist of this server. */
  LocalStack requireRunning(Component component) {
    LocalStack stack = requireRunning();
    if (!stack.components().contains(component)) {
      throw LauncherErrors.missingServer(stack.dataFolder(), component.title());
    }
    return stack;
  }

  /** The same, or none. */
  Optional<LocalStack> running() {
    return folders().stream()
        .map(DataFolder::options)
        .map(LocalStack::find)
        .flatMap(Optional::stream)
        .findFirst();
  }

  private List<Path> folders() {
    return chosen == null ? List.of(inProject("stack"), inProject("demo")) : List.of(chosen);
  }

  static LocalStackOptions options(Path folder) {
    return LocalStackOptions.in(folder)
        .withPasswords(
            environment("POSTGRES_PASSWORD", DEFAULT_PASSWORD_OF_POSTGRES),
            environment("DEBEZIUM_PASSWORD", DEFAULT_PASSWORD_OF_DEBEZIUM));
  }

  static Path inProject(String name) {
    return LocalStackOptions.homeFromSystemProperty().resolve(".local-stack").resolve(name);
  }

  static String environment(String name, String otherwise) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? otherwise : value;
  }
}
