package dev.millrace.source;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.SparkThrowable;
import org.apache.spark.TaskKilledException;

/** Tells a file that Spark can't read from everything else that an action fails of. Pure. */
public final class UnreadableFile {

  /** What Spark's readers of files call their failures, each of which names a file. */
  private static final Set<String> CLASSES =
      Set.of(
          "CANNOT_READ_FILE_FOOTER",
          "PATH_NOT_FOUND",
          "UNABLE_TO_INFER_SCHEMA",
          // Gone or replaced while it was read.
          "_LEGACY_ERROR_TEMP_2062",
          "_LEGACY_ERROR_TEMP_2055",
          // A column of Parquet of another type than its footer says.
          "_LEGACY_ERROR_TEMP_2063",
          // Whatever else a reader threw while it read.
          "_LEGACY_ERROR_TEMP_2064");

  private UnreadableFile() {}

  /**
   * Whether the failure of an action is a file's: not a run's that is being stopped, a cluster's
   * that falls apart, or a mistake of this program, at which other files would fail, too.
   */
  public static boolean isCauseOf(Throwable failure) {
    return isCauseOf(failure, UnreadableFile::isNamed);
  }

  /**
   * The same where all that was done was to open one file: then any failure to read is the file's,
   * which Spark does not always say.
   */
  public static boolean isCauseOfOpening(Throwable failure) {
    return isCauseOf(failure, each -> each instanceof IOException || isNamed(each));
  }

  private static boolean isCauseOf(Throwable failure, Predicate<Throwable> isOfFile) {
    List<Throwable> causes = ExceptionUtils.getThrowableList(failure);
    return causes.stream().noneMatch(UnreadableFile::isStop) && causes.stream().anyMatch(isOfFile);
  }

  /** Whether a failure is that of a task which is being stopped. */
  static boolean isStop(Throwable cause) {
    return cause instanceof InterruptedException
        || cause instanceof InterruptedIOException
        || cause instanceof ClosedByInterruptException
        || cause instanceof TaskKilledException;
  }

  private static boolean isNamed(Throwable cause) {
    return cause instanceof SparkThrowable known
        && known.getErrorClass() != null
        && CLASSES.contains(known.getErrorClass().split("\\.", 2)[0]);
  }
}
