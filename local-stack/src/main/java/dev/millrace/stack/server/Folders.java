package dev.millrace.stack.server;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Folders as a whole, also while other processes change what is in them. */
public final class Folders {

  private Folders() {}

  /**
   * All folders below this one, in the order of their names; none if it does not exist. Another
   * process may create, replace and delete files and folders meanwhile: what disappears during the
   * walk is left out.
   *
   * @throws IOException if a folder exists and cannot be read
   */
  public static List<Path> below(Path folder) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        folder,
        new PresentFiles() {
          @Override
          public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) {
            if (!each.equals(folder)) {
              found.add(each);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    Collections.sort(found);
    return found;
  }

  /** The sizes in bytes of the regular files below this folder, under the same conditions. */
  public static Map<Path, Long> files(Path folder) throws IOException {
    Map<Path, Long> found = new TreeMap<>();
    Files.walkFileTree(
        folder,
        new PresentFiles() {
          @Override
          public FileVisitResult visitFile(Path each, BasicFileAttributes attributes) {
            if (attributes.isRegularFile()) {
              found.put(each, attributes.size());
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }

  /** Deletes the folder and all that is in it; one that does not exist is fine. */
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException failure)
              throws IOException {
            Files.deleteIfExists(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Visits what is there, and passes over what another process deletes during the walk. */
  private abstract static class PresentFiles extends SimpleFileVisitor<Path> {

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      return unlessGone(failure);
    }

    @Override
    public FileVisitResult postVisitDirectory(Path visited, IOException failure)
        throws IOException {
      return unlessGone(failure);
    }

    private static FileVisitResult unlessGone(IOException failure) throws IOException {
      if (failure != null && !(failure instanceof NoSuchFileException)) {
        throw failure;
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
