package dev.millrace.stack.server;

import dev.millrace.stack.error.StackErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A Java program with a class path of its own, which Maven wrote to a file.
 *
 * @param classPathFile one line, as {@code java -cp} takes it
 * @param mainClass the class with {@code main}
 */
record JavaProgram(Path classPathFile, String mainClass) {

  /** The command that runs it on this JDK. */
  List<String> command(List<String> javaOptions, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(javaOptions);
    command.addAll(List.of("-cp", classPath(), mainClass));
    command.addAll(arguments);
    return command;
  }

  private String classPath() {
    if (!Files.exists(classPathFile)) {
      throw StackErrors.notBuilt(classPathFile);
    }
    try {
      return Files.readString(classPathFile).strip();
    } catch (IOException e) {
      throw StackErrors.unreadableFile(classPathFile, e);
    }
  }
}
