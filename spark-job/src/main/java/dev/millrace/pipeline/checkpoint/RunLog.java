package dev.millrace.pipeline.checkpoint;

import dev.millrace.error.RunErrors;
import dev.millrace.error.UserException;
import java.io.FilterWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import org.apache.commons.io.output.CloseShieldWriter;
import org.apache.commons.io.output.TeeWriter;

/** A file of what one run printed, each line with its time. Driver only. */
public final class RunLog implements AutoCloseable {

  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final PrintWriter file;
  private final PrintWriter both;

  private RunLog(PrintWriter file, PrintWriter out) {
    this.file = file;
    this.both = new PrintWriter(new TeeWriter(CloseShieldWriter.wrap(out), file));
  }

  /**
   * Begins the file {@code PIPELINE-TIME.log}, and reports it; the folder is made where it is
   * missing.
   *
   * @throws UserException where it can't be written
   */
  public static RunLog begin(String folder, String pipeline, PrintWriter out) {
    Path path = Path.of(folder, pipeline + "-" + NAME.format(Instant.now()) + ".log");
    try {
      Files.createDirectories(path.getParent());
      Writer file =
          Files.newBufferedWriter(
              path, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      out.println("log: " + path);
      return new RunLog(new PrintWriter(new Timed(file)), out);
    } catch (IOException e) {
      throw RunErrors.unwritableLog(folder, e);
    }
  }

  /** Prints what it gets to the file, too. */
  public PrintWriter out() {
    return both;
  }

  /** Notes in the file why the run ended, which is printed elsewhere. */
  public void failed(UserException failure) {
    failure.problems().forEach(problem -> file.println("error: " + problem));
  }

  @Override
  public void close() {
    both.flush();
    file.close();
  }

  /** Begins each line with the time. */
  private static final class Timed extends FilterWriter {

    private boolean isLineStart = true;

    Timed(Writer file) {
      super(file);
    }

    @Override
    public void write(int character) throws IOException {
      if (isLineStart) {
        out.write(Instant.now().truncatedTo(ChronoUnit.MILLIS) + " ");
      }
      out.write(character);
      isLineStart = character == '\n';
    }

    @Override
    public void write(char[] text, int from, int length) throws IOException {
      for (int at = from; at < from + length; at++) {
        write(text[at]);
      }
    }

    @Override
    public void write(String text, int from, int length) throws IOException {
      write(text.toCharArray(), from, length);
    }
  }
}
