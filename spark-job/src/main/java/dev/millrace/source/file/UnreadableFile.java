package dev.millrace.source.file;

import dev.millrace.error.FileErrors;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.util.List;
import java.util.Optional;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.ipc.RetriableException;
import org.apache.hadoop.ipc.StandbyException;
import org.apache.spark.TaskKilledException;

/** Tells a file that can't be read from everything else that reading one fails of. Pure. */
public final class UnreadableFile {

  private static final List<Class<? extends Throwable>> NOT_OF_A_FILE =
      List.of(
          // The run is being stopped, or a server took too long.
          InterruptedException.class,
          InterruptedIOException.class,
          ClosedByInterruptException.class,
          TaskKilledException.class,
          // The file system does not answer; any other file would fail, too.
          ConnectException.class,
          NoRouteToHostException.class,
          UnknownHostException.class,
          RetriableException.class,
          StandbyException.class);

  private UnreadableFile() {}

  /**
   * Why a file is rejected; empty where it is not the file's fault.
   *
   * @param failure of {@link FileReader#open} or {@link FileRecords#next}
   */
  public static Optional<String> reason(String format, Exception failure) {
    if (failure instanceof FileFault fault) {
      return Optional.of(fault.getMessage());
    }
    boolean isOther =
        ExceptionUtils.getThrowableList(failure).stream()
            .anyMatch(
                cause ->
                    cause instanceof Error
                        || NOT_OF_A_FILE.stream().anyMatch(type -> type.isInstance(cause)));
    return isOther ? Optional.empty() : Optional.of(FileErrors.unreadable(format, failure));
  }
}
