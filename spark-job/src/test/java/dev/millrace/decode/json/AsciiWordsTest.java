package dev.millrace.decode.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AsciiWordsTest {

  @Test
  void tellsEveryCharacterBesideADigitAtEveryPlace() {
    for (int place = 0; place < Long.BYTES; place++) {
      for (int character = 0; character < 256; character++) {
        byte[] word = bytes("01928374");
        word[place] = (byte) character;
        assertThat(AsciiWords.isDigits(AsciiWords.at(word, 0)))
            .as("character %d at %d", character, place)
            .isEqualTo(character >= '0' && character <= '9');
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"00000000", "00000001", "10000000", "12345678", "99999999", "90817263"})
  void readsEightDigits(String digits) {
    assertThat(AsciiWords.number(AsciiWords.at(bytes(digits), 0)))
        .isEqualTo(Long.parseLong(digits));
  }

  @Test
  void findsTheEndOfPlainTextWhereALoopFindsIt() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 200_000; i++) {
      byte[] text = new byte[random.nextInt(40)];
      for (int at = 0; at < text.length; at++) {
        text[at] =
            (byte) (random.nextInt(12) == 0 ? random.nextInt(256) : 'a' + random.nextInt(26));
      }
      int start = random.nextInt(text.length + 1);
      int end = start + random.nextInt(text.length - start + 1);
      byte quote = (byte) (random.nextBoolean() ? '"' : '\'');
      int expected = start;
      while (expected < end
          && text[expected] >= ' '
          && text[expected] != quote
          && text[expected] != '\\') {
        expected++;
      }
      assertThat(AsciiWords.plainEnd(text, start, end, quote))
          .as("seed %d", seed)
          .isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a", "1234567", "12345678", "123456789", "1234567812345678", "12345678a"})
  void findsTheSameBytesButNotBeyondTheEnd(String expected) {
    byte[] text = bytes("--" + expected);
    int end = text.length;
    assertThat(AsciiWords.startsWith(text, 2, end, bytes(expected))).isTrue();
    assertThat(AsciiWords.startsWith(text, 2, end, bytes(expected + "x"))).isFalse();
    for (int at = 2; at < end; at++) {
      byte[] other = text.clone();
      other[at] ^= 1;
      assertThat(AsciiWords.startsWith(other, 2, end, bytes(expected))).isFalse();
      assertThat(AsciiWords.startsWith(text, 2, at, bytes(expected))).isFalse();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }
}
