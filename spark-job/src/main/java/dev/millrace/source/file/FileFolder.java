package dev.millrace.source.file;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;

/**
 * The files of a folder. No name is a pattern. Driver only.
 *
 * <p>Left out are files without a byte, which someone may be about to write, and everything that
 * has a name that writers give to what is not complete: beginning with a dot or an underscore, or
 * ending with {@code ._COPYING_} as Hadoop's {@code -put} has it.
 */
public record FileFolder(Path path, FileSystem files) {

  /** A folder by its path or URI. */
  public static FileFolder of(String path, Configuration hadoop) throws IOException {
    Path unqualified = new Path(path);
    FileSystem files = unqualified.getFileSystem(hadoop);
    return new FileFolder(files.makeQualified(unqualified), files);
  }

  /** Whether the path is that of a file. */
  public boolean isFile() throws IOException {
    return files.getFileStatus(path).isFile();
  }

  /** The file that the path is of. */
  public List<SourceFile> file() throws IOException {
    return List.of(SourceFile.of(files.getFileStatus(path)));
  }

  /** The files in the folder, the oldest first, those of one time by name. */
  public List<SourceFile> list() throws IOException {
    return list(false);
  }

  /** The same with the files of folders below, links to folders not followed. */
  public List<SourceFile> listAll() throws IOException {
    return list(true);
  }

  private List<SourceFile> list(boolean isRecursive) throws IOException {
    List<SourceFile> found = new ArrayList<>();
    add(path, isRecursive, found);
    found.sort(Comparator.comparingLong(SourceFile::modifiedMillis).thenComparing(SourceFile::uri));
    return found;
  }

  private void add(Path folder, boolean isRecursive, List<SourceFile> found) throws IOException {
    for (FileStatus status : files.listStatus(folder)) {
      if (isLeftOut(status.getPath().getName())) {
        continue;
      }
      if (status.isFile() && status.getLen() > 0) {
        found.add(SourceFile.of(status));
      } else if (status.isDirectory() && isRecursive && !isLink(status.getPath())) {
        addBelow(status.getPath(), found);
      }
    }
  }

  /** A folder below is not one that is read: that it is gone or closed does not matter. */
  private void addBelow(Path folder, List<SourceFile> found) throws IOException {
    try {
      add(folder, true, found);
    } catch (FileNotFoundException | AccessControlException e) {
      return;
    }
  }

  private static boolean isLeftOut(String name) {
    return name.startsWith(".") || name.startsWith("_") || name.endsWith("._COPYING_");
  }

  private static boolean isLink(Path folder) {
    return "file".equals(folder.toUri().getScheme())
        && Files.isSymbolicLink(Paths.get(folder.toUri().getPath()));
  }
}
