package dev.millrace.stack.process;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One process and no other, even after its pid was given to another one.
 *
 * @param startTicks when it started, in clock ticks since the machine's boot: the 22nd field of
 *     {@code /proc/PID/stat}, which unlike a time of day does not move when the clock is set
 * @param bootId which boot of the machine those ticks count from
 */
public record ProcessIdentity(long pid, long startTicks, String bootId) {

  private static final Path PROC = Path.of("/proc");

  /** The process that has this pid now; empty where there is none or where it is a zombie. */
  public static Optional<ProcessIdentity> of(long pid) {
    try {
      String stat = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
      // The second field is the command's name in parentheses and may hold spaces and parentheses.
      String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      boolean zombie = "Z".equals(afterName[0]) || "X".equals(afterName[0]);
      return zombie
          ? Optional.empty()
          : Optional.of(new ProcessIdentity(pid, Long.parseLong(afterName[19]), currentBoot()));
    } catch (IOException e) {
      // The process ended before or while it was looked at.
      return Optional.empty();
    }
  }

  /** This Java process. */
  public static ProcessIdentity current() {
    return of(ProcessHandle.current().pid()).orElseThrow();
  }

  /** Whether this very process still runs. */
  @JsonIgnore
  public boolean isAlive() {
    return of(pid).filter(this::equals).isPresent();
  }

  /** The handle of this very process; empty once it has ended. */
  public Optional<ProcessHandle> handle() {
    return isAlive() ? ProcessHandle.of(pid) : Optional.empty();
  }

  private static String currentBoot() throws IOException {
    try {
      return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
    } catch (NoSuchFileException e) {
      return "unknown";
    }
  }
}
