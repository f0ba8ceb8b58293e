package dev.millrace.pipeline;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFs;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FsConstants;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Hadoop's local files without its processes: lacking its native library, Hadoop starts a {@code
 * chmod} for each permission and a {@code readlink} for each look at a file, some twenty in a
 * micro-batch, which took half of a small one's time. A file that another one replaces is never
 * missing meanwhile, which Hadoop deletes first. All else is Hadoop's own.
 */
final class LocalDisk extends RawLocalFileSystem {

  /** The settings that have Spark use it, for {@code file:} paths. */
  static final Map<String, String> SETTINGS =
      Map.of(
          "spark.hadoop.fs.file.impl", WithChecksums.class.getName(),
          // Else Hadoop returns the file system that was opened first in this process: its own, if
          // a source or a checkpoint was looked at before the session was open.
          "spark.hadoop.fs.file.impl.disable.cache", "true",
          "spark.hadoop.fs.AbstractFileSystem.file.impl", OfContext.class.getName());

  private static final String MODE = "unix:mode";

  @Override
  public void setPermission(Path path, FsPermission permission) throws IOException {
    java.nio.file.Path file = pathToFile(path).toPath();
    if (file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      Files.setAttribute(file, MODE, (int) permission.toShort());
    } else {
      super.setPermission(path, permission);
    }
  }

  @Override
  public FileStatus getFileLinkStatus(Path path) throws IOException {
    return Files.isSymbolicLink(pathToFile(path).toPath())
        ? super.getFileLinkStatus(path)
        : getFileStatus(path);
  }

  /** For Hadoop's {@code FileSystem}. */
  static final class WithChecksums extends LocalFileSystem {

    WithChecksums() {
      super(new LocalDisk());
    }

    /** Hadoop's own takes what is before a colon in a file's name for a scheme. */
    @Override
    public Path getChecksumFile(Path file) {
      URI folder = file.getParent().toUri();
      return new Path(
          folder.getScheme(),
          folder.getAuthority(),
          folder.getPath() + Path.SEPARATOR + "." + file.getName() + ".crc");
    }
  }

  /** For Hadoop's {@code FileContext}. */
  static final class OfContext extends ChecksumFs {

    OfContext(URI root, Configuration hadoop) throws IOException, URISyntaxException {
      super(new Raw(hadoop));
    }

    /**
     * Replaces a file in one step. Its checksum goes first, so that a crash between two steps
     * leaves a file without one, which Hadoop reads unverified, and never one with the other's.
     */
    @Override
    public void renameInternal(Path source, Path target, boolean overwrite) throws IOException {
      if (!overwrite
          || !Files.isRegularFile(local(source))
          || !Files.isRegularFile(local(target))) {
        super.renameInternal(source, target, overwrite);
        return;
      }
      Files.deleteIfExists(local(getChecksumFile(target)));
      Files.move(local(source), local(target), StandardCopyOption.ATOMIC_MOVE);
      if (Files.exists(local(getChecksumFile(source)))) {
        Files.move(
            local(getChecksumFile(source)),
            local(getChecksumFile(target)),
            StandardCopyOption.ATOMIC_MOVE);
      }
    }

    private static java.nio.file.Path local(Path path) {
      return java.nio.file.Path.of(path.toUri().getPath());
    }

    private static final class Raw extends DelegateToFileSystem {

      Raw(Configuration hadoop) throws IOException, URISyntaxException {
        super(
            FsConstants.LOCAL_FS_URI,
            new LocalDisk(),
            hadoop,
            FsConstants.LOCAL_FS_URI.getScheme(),
            false);
      }

      @Override
      public int getUriDefaultPort() {
        return -1;
      }

      @Override
      public boolean isValidName(String name) {
        // The operating system decides.
        return true;
      }
    }
  }
}
