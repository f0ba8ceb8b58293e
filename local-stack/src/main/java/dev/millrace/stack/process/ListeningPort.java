package dev.millrace.stack.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Ports of the loopback interface: which are free, and who holds one. */
public final class ListeningPort {

  private static final String LISTEN = "0A";

  private ListeningPort() {}

  /** A port that was free a moment ago, from those that the system gives to whoever asks. */
  public static int anyFree() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      // As the servers do: a port that only closed connections still linger on counts as free.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** The process that listens on the port, as far as this user may see it. */
  public static Optional<ProcessHandle> holder(int port) {
    return Stream.of("tcp", "tcp6")
        .flatMap(table -> socketsListeningOn(port, Path.of("/proc/net", table)))
        .flatMap(inode -> processWithSocket(inode).stream())
        .findFirst();
  }

  /** A short description of the holder for a message. */
  public static String describeHolder(int port) {
    return holder(port)
        .map(
            process ->
                "process %d (%s)"
                    .formatted(process.pid(), process.info().command().orElse("unknown command")))
        .orElse("a process of another user");
  }

  private static Stream<String> socketsListeningOn(int port, Path table) {
    String suffix = ":%04X".formatted(port);
    try {
      List<String> lines = Files.readAllLines(table);
      return lines.stream()
          .skip(1)
          .map(line -> line.strip().split("\\s+", -1))
          .filter(fields -> fields[1].endsWith(suffix) && LISTEN.equals(fields[3]))
          .map(fields -> fields[9]);
    } catch (IOException e) {
      return Stream.empty();
    }
  }

  private static Optional<ProcessHandle> processWithSocket(String inode) {
    String target = "socket:[" + inode + "]";
    return ProcessHandle.allProcesses()
        .filter(process -> hasOpen(process.pid(), target))
        .findFirst();
  }

  private static boolean hasOpen(long pid, String target) {
    Path descriptors = Path.of("/proc", Long.toString(pid), "fd");
    try (DirectoryStream<Path> links = Files.newDirectoryStream(descriptors)) {
      for (Path link : links) {
        if (target.equals(Files.readSymbolicLink(link).toString())) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      // Another user's process, or one that has just ended.
      return false;
    }
  }
}
