package dev.millrace.console;

import java.io.PrintWriter;

/**
 * Where a run tells a person what it does: whole lines, those of several threads one after the
 * other. Driver only.
 *
 * @param out whose lock every writer holds
 */
public record Console(PrintWriter out) {

  /** Prints a line, which can be seen at once. */
  public void say(String line) {
    synchronized (out) {
      out.println(line);
      out.flush();
    }
  }
}
