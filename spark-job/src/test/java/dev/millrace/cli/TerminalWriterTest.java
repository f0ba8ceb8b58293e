package dev.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TerminalWriterTest {

  private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
  private final TerminalWriter writer =
      new TerminalWriter(
          new PrintStream(seen, true, StandardCharsets.UTF_8), StandardCharsets.UTF_8);

  @Test
  void printsTextAsItIs() {
    writer.printf("%s\t%s%n", "caf\u00e9", "\u65e5\u672c \ud83d\ude00");

    assertThat(seen.toString(StandardCharsets.UTF_8))
        .isEqualTo("caf\u00e9\t\u65e5\u672c \ud83d\ude00\n");
  }

  @Test
  void printsNoCharacterThatSteersATerminal() {
    writer.println("a\u001b[2J\u001b]0;title\u0007b");
    writer.print('\u009b');
    writer.append("\u0000\r\u007f\u0085").append('\u202e');
    writer.println(new char[] {'c', '\b', '\u2066'});

    assertThat(seen.toString(StandardCharsets.UTF_8)).isEqualTo("a?[2J?]0;title?b\n??????c??\n");
  }
}
