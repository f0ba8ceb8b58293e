package dev.millrace.simulator.files;

import dev.millrace.simulator.error.FileErrors;
import dev.millrace.simulator.error.SimulatorException;
import dev.millrace.simulator.event.Event;
import dev.millrace.simulator.event.EventSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * A folder. A file is written under a name that begins with a dot, which readers pass over, and
 * renamed: nobody sees half of it. One of the same name is replaced.
 */
public final class FolderSink implements EventSink {

  private final Path folder;

  private FolderSink(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes the folder if it is missing.
   *
   * @throws SimulatorException if that can't be done
   */
  public static FolderSink open(Path folder) {
    try {
      Files.createDirectories(folder);
      return new FolderSink(folder);
    } catch (IOException failure) {
      throw FileErrors.cannotWrite(folder, failure);
    }
  }

  @Override
  public void send(List<Event> files) {
    try {
      for (Event file : files) {
        Path unfinished = folder.resolve('.' + file.key() + ".unfinished");
        Files.writeString(unfinished, file.value());
        Files.move(unfinished, folder.resolve(file.key()), StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException failure) {
      throw FileErrors.cannotWrite(folder, failure);
    }
  }

  @Override
  public void close() {}
}
