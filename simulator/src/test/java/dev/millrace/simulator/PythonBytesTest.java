package dev.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Expected values are what {@code repr(bytes)} printed in CPython 3.11. */
public class PythonBytesTest {

  @Test
  void writesPlainTextBetweenSingleQuotes() {
    assertThat(PythonBytes.repr("")).isEqualTo("b''");
    assertThat(PythonBytes.repr("Go Sedan")).isEqualTo("b'Go Sedan'");
    assertThat(PythonBytes.repr("1138.0")).isEqualTo("b'1138.0'");
  }

  @Test
  void keepsDoubleQuotesOfAnIdAsTheyAre() {
    assertThat(PythonBytes.repr("\"CNR5884300\"")).isEqualTo("b'\"CNR5884300\"'");
  }

  @Test
  void quotesTextWithAnApostropheDoubly() {
    assertThat(PythonBytes.repr("Driver's fault")).isEqualTo("b\"Driver's fault\"");
    assertThat(PythonBytes.repr("'")).isEqualTo("b\"'\"");
  }

  @Test
  void escapesTheApostropheWhereBothQuotesOccur() {
    assertThat(PythonBytes.repr("5' 11\"")).isEqualTo("b'5\\' 11\"'");
  }

  @Test
  void escapesBackslashesWithEitherQuote() {
    assertThat(PythonBytes.repr("\\")).isEqualTo("b'\\\\'");
    assertThat(PythonBytes.repr("'\\")).isEqualTo("b\"'\\\\\"");
    assertThat(PythonBytes.repr("\\n")).isEqualTo("b'\\\\n'");
  }

  @Test
  void writesBytesOfOtherLettersInHexadecimal() {
    assertThat(PythonBytes.repr("Café")).isEqualTo("b'Caf\\xc3\\xa9'");
    assertThat(PythonBytes.repr("दिल्ली"))
        .isEqualTo(
            "b'\\xe0\\xa4\\xa6\\xe0\\xa4\\xbf\\xe0\\xa4\\xb2\\xe0\\xa5\\x8d\\xe0\\xa4\\xb2\\xe0\\xa5\\x80'");
    assertThat(PythonBytes.repr("🚕")).isEqualTo("b'\\xf0\\x9f\\x9a\\x95'");
  }

  @Test
  void writesAllButThreeControlBytesInHexadecimal() {
    assertThat(PythonBytes.repr(range(0x00, 0x1f)))
        .isEqualTo(
            "b'\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\t\\n\\x0b\\x0c\\r\\x0e\\x0f"
                + "\\x10\\x11\\x12\\x13\\x14\\x15\\x16\\x17\\x18\\x19\\x1a\\x1b\\x1c\\x1d\\x1e\\x1f'");
  }

  @Test
  void writesPrintableAsciiAsItIs() {
    String printable = new String(range(0x20, 0x7e), StandardCharsets.US_ASCII);
    assertThat(PythonBytes.repr(printable))
        .isEqualTo("b'" + printable.replace("\\", "\\\\").replace("'", "\\'") + "'");
  }

  @Test
  void writesDeleteAndEveryHighByteInHexadecimal() {
    StringBuilder expected = new StringBuilder("b'");
    for (int value = 0x7f; value <= 0xff; value++) {
      expected.append("\\x").append(Integer.toHexString(value));
    }
    assertThat(PythonBytes.repr(range(0x7f, 0xff))).isEqualTo(expected.append('\'').toString());
  }

  private static byte[] range(int first, int last) {
    byte[] bytes = new byte[last - first + 1];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (first + i);
    }
    return bytes;
  }
}
