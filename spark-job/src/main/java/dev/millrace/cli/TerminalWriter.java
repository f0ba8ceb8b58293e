package dev.millrace.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;

/**
 * Text for a terminal, which others may have written: messages, values, names of files. A control
 * character other than a line feed and a tab is printed as {@code ?}, and so is one that changes
 * the direction of text, so that no value moves the cursor, sets a title or hides what is printed.
 * Flushed at each end of a line.
 */
final class TerminalWriter extends PrintWriter {

  private static final String TEXT_DIRECTIONS =
      "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069";

  TerminalWriter(PrintStream out, Charset encoding) {
    super(out, true, encoding);
  }

  @Override
  public void write(int character) {
    super.write(shown((char) character));
  }

  @Override
  public void write(char[] characters, int offset, int length) {
    char[] shown = new char[length];
    for (int i = 0; i < length; i++) {
      shown[i] = shown(characters[offset + i]);
    }
    super.write(shown, 0, length);
  }

  @Override
  public void write(String text, int offset, int length) {
    write(text.toCharArray(), offset, length);
  }

  private static char shown(char character) {
    boolean isShown = character == '\n' || character == '\t' || !Character.isISOControl(character);
    return isShown && TEXT_DIRECTIONS.indexOf(character) < 0 ? character : '?';
  }
}
