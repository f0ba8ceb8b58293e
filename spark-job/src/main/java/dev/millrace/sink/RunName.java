package dev.millrace.sink;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/** Who writes: a run of this process, for marks that a person reads, too. */
public final class RunName {

  private RunName() {}

  /** The name of a run, which no other has. */
  public static String of(UUID run) {
    return "process %d on %s since %s, run %s"
        .formatted(
            ProcessHandle.current().pid(),
            hostName(),
            Instant.now().truncatedTo(ChronoUnit.SECONDS),
            run);
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // A host without a name resolves to nothing; its address tells as much.
      return InetAddress.getLoopbackAddress().getHostAddress();
    }
  }
}
